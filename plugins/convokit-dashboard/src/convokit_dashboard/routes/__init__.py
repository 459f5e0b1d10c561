"""Every address of the dashboard, one module per area. :data:`convokit_dashboard.routes.table.SPOTS` lists them all."""
