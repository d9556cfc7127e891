"""What is measured: zones, meters, imported intervals, signed load profiles, validated readings and the anchors that fix them."""
