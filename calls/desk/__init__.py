"""The pages that ops staff work with, beyond what Django's admin makes by itself."""
