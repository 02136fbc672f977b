"""The version of the package, below all that says by what a workbook was made."""

__version__ = "0.1.0"
