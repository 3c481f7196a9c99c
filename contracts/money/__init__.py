"""Pages of a sale's money: bills, refunds, coupons, earnings, shares."""
