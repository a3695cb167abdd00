"""What Postroad knows: tables, the unit of work, and the only SQL that moves a delivery."""
