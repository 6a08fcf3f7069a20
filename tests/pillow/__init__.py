"""JPEG XL in Pillow, and beside another plugin."""
