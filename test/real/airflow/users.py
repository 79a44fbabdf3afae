"""Makes the logins of `users.json` in an Airflow 2: its own command takes a password only where every process can read it."""

import json
import sys

from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

with open(sys.argv[1]) as file, get_application_builder() as appbuilder:
    manager = appbuilder.sm
    manager.sync_roles()
    for user in json.load(file):
        if manager.find_user(username=user["username"]):
            continue
        role = manager.find_role(user.pop("role"))
        if not manager.add_user(**{key: user[key] for key in ("username", "first_name", "last_name", "email", "password")}, role=role):
            sys.exit(f"{user['username']} was not made")
