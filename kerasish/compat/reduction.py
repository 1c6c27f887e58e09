"""How Keras 2 named what a loss does with the values of a batch."""


class Reduction:
    """The settings of `reduction`, as the strings that they are today."""

    AUTO = "sum_over_batch_size"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"
    SUM = "sum"
    NONE = "none"
