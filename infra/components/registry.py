"""Where images lie: a tag never means something else, and every image is searched for known holes."""

import json

import pulumi
import pulumi_aws as aws

from infra.components.base import Component
from infra.settings import Environment

KEPT_IMAGES = 50


class Repository(Component):
    """One repository.

    Args:
        name: logical, and behind `matins-<environment>-` the repository's name.
        environment: names it.
        key_arn: encrypts the images.
    """

    def __init__(
        self, name: str, *, environment: Environment, key_arn: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__(name, opts)
        repository = aws.ecr.Repository(
            name,
            name=environment.named(name),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": key_arn}],
            force_delete=False,
            opts=self.child(keep=environment.production),
        )
        aws.ecr.LifecyclePolicy(name, repository=repository.name, policy=lifecycle(), opts=self.child())
        self.url, self.arn = repository.repository_url, repository.arn
        self.register_outputs({"url": self.url})


def lifecycle() -> str:
    """Return the rules: failed pushes go after a day; of images, the newest stay, so that one can roll back."""
    untagged = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 1}
    newest = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": KEPT_IMAGES}
    rules = [
        {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}
        for priority, selection in enumerate((untagged, newest), start=1)
    ]
    return json.dumps({"rules": rules})
