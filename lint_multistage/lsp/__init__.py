"""The language server; needs the extra `lsp`, so nothing but `lint-multistage lsp` imports it."""
