"""What the demo says when a step fails."""


class DemoError(Exception):
    """A step of the demo failed, so the installation is broken; the message is a sentence."""
