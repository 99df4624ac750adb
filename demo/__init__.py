"""The demo: provisioning files, and a tour of it."""
