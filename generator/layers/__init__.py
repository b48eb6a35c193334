"""The layers, in step order; a layer that outgrows one module is a package of the same name."""
