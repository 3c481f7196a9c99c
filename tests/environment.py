"""The settings that tests run under: the product's own, in a folder that goes with the run."""

import os
import tempfile
from pathlib import Path

from tests.scratch import quick_folder

if "EXCHANGE_VAR_DIR" not in os.environ:
    os.environ["EXCHANGE_VAR_DIR"] = tempfile.mkdtemp(prefix="comptoir-test-", dir=quick_folder())
TEST_VAR_DIR = Path(os.environ["EXCHANGE_VAR_DIR"])
os.environ.setdefault("EXCHANGE_DEMO", "True")
os.environ.setdefault("EXCHANGE_PAYMENT_PROVIDER", "demo")
os.environ.setdefault("EXCHANGE_VAT_ID_POLICY", "accept")
os.environ.setdefault("EXCHANGE_BROKER_URL", "memory://")
os.environ.setdefault("EXCHANGE_URL", "http://testserver")
os.environ.setdefault("EXCHANGE_ALLOWED_HOSTS", "testserver,127.0.0.1,localhost")

from infra.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
