"""What every screen of the admin shares. This package imports no app; rooms subclass ``GovernedAdmin``."""
