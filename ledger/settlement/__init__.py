"""Settlement: what every party sold, bought and is owed over a period, in milli-đồng."""
