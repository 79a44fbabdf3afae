"""Makes a bucket and two users in a fresh moto server, one that may only read, then turns on its permission checks."""

import json
import os
import sys
import urllib.request

import boto3

endpoint, bucket, keys_file = sys.argv[1:4]
anyone = {
    "endpoint_url": endpoint,
    "region_name": "us-east-1",
    "aws_access_key_id": "setup",
    "aws_secret_access_key": "setup",
}
s3 = boto3.client("s3", **anyone)
iam = boto3.client("iam", **anyone)

s3.create_bucket(Bucket=bucket)
RIGHTS = {
    "reader": {
        "Action": ["s3:GetObject", "s3:ListBucket"],
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
    },
    "writer": {"Action": "s3:*", "Resource": "*"},
}
keys = {}
for user, right in RIGHTS.items():
    iam.create_user(UserName=user)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **right}]}
    iam.put_user_policy(UserName=user, PolicyName=user, PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=user)["AccessKey"]
    keys[user] = {"accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}

# Until here every request was allowed; from here on each is checked against its user's policy.
# As plain text: what looks like a form, the server would take apart.
request = urllib.request.Request(
    f"{endpoint}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"
)
with urllib.request.urlopen(request, timeout=10) as answer:
    answer.read()
with open(os.open(keys_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
    json.dump(keys, file)
