"""moto's own switches. Must be applied before anything of moto is imported."""

import os
import warnings

ENVIRONMENT = {
    # ECS services become steady by services/ecs.py.
    "MOTO_ECS_SERVICE_RUNNING": "0",
    # Unknown AMIs, instance types and key pairs are errors, as on AWS.
    "MOTO_ENABLE_AMI_VALIDATION": "1",
    "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION": "1",
    "MOTO_ENABLE_KEYPAIR_VALIDATION": "1",
    # AWS's managed policies exist (arn:aws:iam::aws:policy/...).
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # Certificates are issued by services/acm.py, not by moto's timer.
    "MOTO_ACM_VALIDATION_WAIT": "86400",
    # A bucket of another account is out of reach.
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS": "false",
    "MOTO_DISABLE_GLOBAL_CORS": "1",
    # botocore must neither look for credentials nor for a region.
    "AWS_ACCESS_KEY_ID": "123456789012",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}

# Would send botocore inside moto elsewhere, or fail where the profile is missing.
REMOVED = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "MOTO_ACCOUNT_ID",
)


def apply() -> None:
    """Sets moto's environment; what the user set under the same name is overruled."""
    # moto warns of each error code that botocore's model does not have; AWS has many.
    warnings.filterwarnings("ignore", message=".*does not match an error shape")
    for name in REMOVED:
        os.environ.pop(name, None)
    os.environ.update(ENVIRONMENT)
