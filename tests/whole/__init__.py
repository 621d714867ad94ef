"""The whole bot: real files, a real ledger, real HTTP."""
