"""Money asked of a buyer: charges, coupons, ways to pay that are kept."""
