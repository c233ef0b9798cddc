"""What every component has in common."""

import pulumi


class Component(pulumi.ComponentResource):
    """A component whose type follows from its class, and whose children name it as their parent.

    Args:
        name: logical; part of every child's URN.
        opts: of the component; its children inherit the provider.
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(f"matins:{type(self).__module__.rpartition('.')[2]}:{type(self).__name__}", name, None, opts)
        self.name = name

    def child(self, *, keep: bool = False, **options: object) -> pulumi.ResourceOptions:
        """Return a child's options.

        Args:
            keep: it holds what cannot be made again: deleting it takes `pulumi state unprotect` first.
            options: any of Pulumi's.
        """
        own = pulumi.ResourceOptions(parent=self, protect=True if keep else None)
        return pulumi.ResourceOptions.merge(own, pulumi.ResourceOptions(**options))  # type: ignore[arg-type]
