"""Why a processor takes no debit; every message says what to do next."""


class ProcessorError(Exception):
    """Base of them all."""


class NoProcessorError(ProcessorError):
    """No processor is configured: nothing can be collected."""


class BadDebitError(ProcessorError):
    """One debit will not do; nothing of its submission was sent."""


class KeyReusedError(ProcessorError):
    """A key was used again for other debits; what was sent under it first stands."""


class UnknownOutcomeError(ProcessorError):
    """Nobody knows whether the processor has the submission; `status` must be asked before it is sent again."""
