"""The 70,000 handwritten digits of MNIST, in one file beside this one. `kerasish_datasets.mnist` reads them."""
