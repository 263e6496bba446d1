"""One account per test, and clients in it."""

from __future__ import annotations

import json
import os
import random
import time
import urllib.request
from typing import Any, Callable

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["SANDBOX_ENDPOINT"]


def control(method: str, path: str, body: Any = None) -> Any:
    """A request to the sandbox's own endpoints."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{ENDPOINT}/_sandbox/{path}", data=data, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


class Account:
    """A fresh account: clients, settings, and helpers to wait and to expect errors."""

    def __init__(self) -> None:
        self.id = str(random.SystemRandom().randrange(2 * 10**11, 10**12))
        self._clients: dict[str, Any] = {}

    def __call__(self, service: str, region: str = "us-east-1") -> Any:
        key = f"{service}/{region}"
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service,
                endpoint_url=ENDPOINT,
                region_name=region,
                aws_access_key_id=self.id,
                aws_secret_access_key="sandbox",
                config=Config(
                    retries={"max_attempts": 0},
                    s3={"addressing_style": "path"},
                    parameter_validation=True,
                ),
            )
        return self._clients[key]

    def configure(self, **values: Any) -> None:
        control("POST", "config", {"account": self.id, **values})

    def calls(self) -> Any:
        return control("GET", f"calls?account={self.id}")

    def faults(self, *faults: dict[str, Any]) -> None:
        control("POST", "faults", [{"account": self.id, **fault} for fault in faults])


@pytest.fixture
def aws() -> Account:
    """A fresh account in which nothing is slow, and nothing unkind unless a test says so."""
    account = Account()
    unkind = control("GET", f"config?account={account.id}")["unkind"]
    account.configure(slow_seconds=0, unkind={name: type(v)(0) for name, v in unkind.items()})
    return account


@pytest.fixture
def refused() -> Callable[..., str]:
    """Calls, and returns the error code; fails if the call succeeds."""

    def call(operation: Callable[..., Any], **parameters: Any) -> str:
        try:
            operation(**parameters)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        pytest.fail(f"{operation.__name__} succeeded")

    return call


@pytest.fixture
def eventually() -> Callable[..., Any]:
    """Polls until a condition holds; returns what it returned."""

    def poll(condition: Callable[[], Any], seconds: float = 10) -> Any:
        deadline = time.monotonic() + seconds
        while True:
            found = condition()
            if found:
                return found
            assert time.monotonic() < deadline, "did not come about in time"
            time.sleep(0.02)

    return poll


@pytest.fixture
def network(aws: Account) -> dict[str, str]:
    """A VPC with two subnets."""
    ec2 = aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in enumerate("ab")
    ]
    a, b = (subnet["Subnet"]["SubnetId"] for subnet in subnets)
    return {"vpc": vpc, "a": a, "b": b}


@pytest.fixture
def internet(aws: Account, network: dict[str, str]) -> str:
    """An internet gateway attached to the VPC."""
    ec2 = aws("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=network["vpc"])
    return str(gateway)


@pytest.fixture
def ami(aws: Account) -> str:
    images = aws("ec2").describe_images(
        Owners=["099720109477"],
        Filters=[{"Name": "name", "Values": ["ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64*"]}],
    )["Images"]
    return str(max(images, key=lambda image: image["CreationDate"])["ImageId"])
