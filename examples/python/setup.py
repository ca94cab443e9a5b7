"""What pyproject.toml can not say: _xna.py is made from declarations.py."""

from setuptools import setup

setup(cffi_modules=["declarations.py:ffi"])
