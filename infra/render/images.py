"""Which image is deployed: one digest for every service, so that a rollback means the same bits."""

import re

from infra.exceptions import DeploymentError

PATTERN = re.compile(r"^[\w.-]+(:\d+)?(/[\w./-]+)+@sha256:[0-9a-f]{64}$")


class ImageError(DeploymentError):
    """The configured image is not named by its digest."""

    def __init__(self, image: str, stack: str) -> None:
        super().__init__(
            f"The image {image!r} is not named by its digest: push one, then run `pulumi -C infra/stacks/{stack} "
            "config set image REPOSITORY@sha256:DIGEST`; a tag could mean other bits tomorrow."
        )


def by_digest(image: str, *, stack: str = "app") -> str:
    """Return the image.

    Args:
        image: as configured.
        stack: whose configuration says so.

    Raises:
        ImageError: it is named by a tag, or not at all.
    """
    if not PATTERN.match(image):
        raise ImageError(image, stack)
    return image
