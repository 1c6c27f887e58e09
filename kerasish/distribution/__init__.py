"""`keras.distribution`: one training in several processes, over MPI (extra `mpi`)."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "layouts": "DeviceMesh LayoutMap TensorLayout",
        "processes": "get_device_count initialize list_devices",
        "model_parallel": "ModelParallel",
        "strategies": "DataParallel distribute_tensor distribution set_distribution",
    },
)
