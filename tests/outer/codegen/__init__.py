"""The five documents through other people's tools: what each makes of each, as a page.

python -m tests.outer.codegen --folder DIR --npm DIR/node_modules/.bin --page docs/codegen.md (or --check instead)
"""
