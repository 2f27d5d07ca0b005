"""Open fonts for lettering; README.md beside this file says where each comes from."""
