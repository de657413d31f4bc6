"""Other publishers' OCDS: cut out, mended, admitted, kept."""
