/**
 * A labelled corpus: `{TYPE|value}` marks what must go, everything else must stay as it is. All people, accounts and secrets are
 * made up; secrets are put together from pieces so that no scanner takes this file for a leak.
 */
const run = (piece: string, times: number): string => piece.repeat(times);
const aws = `AK${'IA'}${'Q7'}X2M4N9P1R8S3T5`;
const github = `gh${'p_'}${run('a1B2c3', 6)}`;
const slack = `xo${'xb-'}${'204918273645'}-${run('Ab9', 8)}`;
const stripe = `sk${'_live_'}${run('4eC39H', 4)}`;
const databricks = `da${'pi'}${run('0f3a9c1e', 4)}`;
const jwt = `ey${'J'}hbGciOiJIUzI1NiJ9.ey${'J'}zdWIiOiIxMjM0NTY3ODkwIn0.${run('dBjftJeZ4CVP', 3)}`;
const accountKey = `${run('Zm9vYmFy', 10)}QUJDRA==`;

/** Lines with what must go. */
export const LABELLED: readonly string[] = [
  `aws_access_key_id={SECRET|${aws}} region=eu-central-1`,
  `remote: https://x-access-token:{SECRET|${github}}@github.com/acme/etl.git`,
  `notifier: posting with {SECRET|${slack}} failed`,
  `payment client initialised with {SECRET|${stripe}}`,
  `DATABRICKS_TOKEN={SECRET|${databricks}}`,
  `WARN auth: rejected {JWT|${jwt}} (expired)`,
  `> Authorization: Bearer {SECRET|${run('t0kEn', 8)}}`,
  `"authorization": "Basic {SECRET|dXNlcjpodW50ZXIy}"`,
  `curl -H 'x-api-key: {SECRET|9f8e7d6c5b4a}' https://registry.internal/subjects`,
  `GET https://lake.blob.core.windows.net/raw/x.parquet?sv=2024-11-04&sig={SECRET|${run('aB3%2F', 6)}}&se=2026-03-11`,
  `DefaultEndpointsProtocol=https;AccountName=lake;AccountKey={SECRET|${accountKey}};EndpointSuffix=core.windows.net`,
  `url=jdbc:postgresql://db.internal:5432/dwh?user=etl&password={SECRET|hunter2!x}&ssl=true`,
  `jdbc:oracle:thin:etl/{SECRET|t1ger9}@db.internal:1521/ORCL`,
  `connecting to postgres://etl:{SECRET|s3cr3tpw}@db.internal:5432/dwh`,
  `spark.hadoop.fs.s3a.secret.key={SECRET|wJalrXUtnFEMI/K7MDENG}`,
  `setting key=spark.hadoop.fs.s3a.secret.key value={SECRET|wJalrXUtnFEMI/K7MDENG}`,
  `{"name":"DB_PASSWORD","value":"{SECRET|correct horse 7}"}`,
  `sasl.jaas.config=PlainLoginModule required username="etl" password="{SECRET|kafka-Pw-1}";`,
  `config: {'client_secret': '{SECRET|Q~8xZ1abc.def}', 'tenant': 'acme'}`,
  `--token {SECRET|abcdef123456} --verbose`,
  `CREATE USER etl IDENTIFIED BY '{SECRET|Winter2026}'`,
  `Set-Cookie: {SECRET|session=8f14e45fceea167a; Path=/; HttpOnly}`,
  `user {EMAIL|jane.roe@acme-bank.co.uk} requested a rerun`,
  `commit author=Sam Okafor <{EMAIL|sam.okafor@acme-data.io}>`,
  `mailto:{EMAIL|ops+oncall@acme-data.io} bounced`,
  `row rejected: card {CARD|4111 1111 1111 1111} is blocked`,
  `pan={CARD|5500005555555559} status=declined`,
  `Amex {CARD|378282246310005} over limit`,
  `beneficiary {IBAN|DE89 3704 0044 0532 0130 00} not reachable`,
  `creditor={IBAN|GB29NWBK60161331926819} amount=12.00`,
  `iban "{IBAN|FR1420041010050500013M02606}"`,
  `sms to {PHONE|+44 20 7946 0958} failed`,
  `callback {PHONE|+49 30 901820} queued`,
  `phone=020 7946 0958 is labelled by its name`.replace(
    '020 7946 0958 is labelled by its name',
    '{PHONE|020 7946 0958}, channel=sms',
  ),
  `client {IP|81.2.69.142} sent 40 requests`,
  `ssn {PERSONAL|078-05-1121} invalid`,
  `nino {PERSONAL|AB 12 34 56 C} on file`,
  `{"customer_name": "{NAME|Maria Huber}", "date_of_birth": "{PERSONAL|1984-07-01}", "cvv": "{CARD|737}"}`,
  `billing_address="{ADDRESS|12 Harbour Road, Leith}" country=GB`,
  `first_name={NAME|Ade}, last_name={NAME|Bakare}, segment=retail`,
  `CHECK constraint violated by row with values: email={EMAIL|k.ito@acme-bank.co.uk}, id=7`,
];

/** Lines that look dangerous and hold nothing: they must come out byte for byte. */
export const CLEAN: readonly string[] = [
  'Cannot fetch offset 4111111111111111 (GroupId: etl, TopicPartition: telemetry-86)',
  'run scheduled__2026-05-14T02:00:00+00:00 state=failed try=3',
  'abfss://raw@datalake.dfs.core.windows.net/orders/day=2026-03-11',
  'cloning git@github.com:acme/etl.git at 5f2c1e0a9b7d4c3e8f6a1b2c3d4e5f60718293a4',
  '[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column or function parameter with name `email_hash` cannot be resolved.',
  'columns=id:string,email:string,phone:string,password_changed_at:timestamp,card_type:string',
  'tokens=18342 input_tokens=9120 max_tokens=4096 token_count: 77',
  'executor 10.42.7.113:7077 lost; heartbeat timed out after 151811 ms',
  'spark.executor.memory=12g spark.executor.memoryOverhead=2g image=spark-runtime:4.0.1.2',
  'at org.apache.spark.sql.catalyst.analysis.package$AnalysisErrorAt.failAnalysis(package.scala:52)',
  'Lost task 0.3 in stage 3.0 (TID 5) (10.0.0.7 executor 2): ExecutorLostFailure',
  'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'password: required',
  'error: secret not found; token expired; credentials missing',
  'task started=2026-03-11T02:14:07Z host=worker-4.internal duration=1735689600123',
  'commit sha=5f2c1e0a9b7d at=2026-03-10T11:00:00Z files=dags/transactions/transform.py',
  'phone: string, address: struct<street:string>, customer_name: varchar(80) not null',
  'Query 20260311_021400_00017_abcde failed: Query exceeded per-node memory limit of 25.80GB',
  'point at=2026-03-11T02:00:00Z value=4242424242',
  'jdbc:trino://trino.internal:8443/lake?SSL=true user=etl',
];
