"""The switch by which Keras lets files run code, which has nothing to switch here."""

from __future__ import annotations

import warnings


def enable_unsafe_deserialization() -> None:
    """Warn that there is nothing to enable: no code from a file is run here, whatever is set or passed.

    In Keras this lets every file that is loaded afterwards run the Python code that it holds, as `safe_mode=False` does
    for one. Here there is nothing that could run it: a file's code is neither read nor kept. What a file has code for,
    such as a `Lambda` layer, is given by its name: `load_model(path, custom_objects={"lambda_1": function})`.

    Warns:
        UserWarning: always, so that a script that counts on the code learns what to do.

    Example:
        >>> import warnings
        >>> with warnings.catch_warnings(record=True) as told:
        ...     warnings.simplefilter("always")
        ...     enable_unsafe_deserialization()
        >>> "never run" in str(told[0].message)
        True
    """
    warnings.warn(
        "enable_unsafe_deserialization() changes nothing: code in a file is never run here. Put a function in the "
        'place of a Lambda layer\'s code by its name: load_model(path, custom_objects={"lambda_1": function})',
        stacklevel=2,
    )
