"""ECR."""

import hashlib
import json


def test_digests_are_those_of_manifests(aws):
    ecr = aws("ecr")
    ecr.create_repository(repositoryName="web")
    for tag in ("one", "two"):
        manifest = json.dumps(
            {"mediaType": "application/vnd.oci.image.manifest.v1+json", "layers": [], "tag": tag}
        )
        made = ecr.put_image(repositoryName="web", imageTag=tag, imageManifest=manifest)["image"]
        digest = hashlib.sha256(manifest.encode()).hexdigest()
        assert made["imageId"]["imageDigest"] == f"sha256:{digest}"


def test_scanning_can_be_turned_off(aws):
    ecr = aws("ecr")
    ecr.create_repository(
        repositoryName="web", imageScanningConfiguration={"scanOnPush": True}
    )
    ecr.put_image_scanning_configuration(repositoryName="web", imageScanningConfiguration={})
    (found,) = ecr.describe_repositories()["repositories"]
    assert found["imageScanningConfiguration"] == {"scanOnPush": False}
