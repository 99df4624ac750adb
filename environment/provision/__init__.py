"""Provisioning files: parse → plan → apply. ``manage.py provision`` and every upload go this way.

``kinds`` is what rooms declare, ``reading`` makes entries of files, ``planning`` compares them with the database,
``applying`` does the plan in one transaction.
"""
