"""The main job: one day of rooftop-solar trade in one zone, from agreements to evidence bundles."""
