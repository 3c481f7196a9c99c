"""Countries by name, in the reader's language: those of `exchange.look`, for the apps from here up."""

from exchange.look.country_names import country_choices, country_name

__all__ = ["country_choices", "country_name"]
