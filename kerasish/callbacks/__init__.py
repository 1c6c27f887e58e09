"""Callbacks: what to do while a model is trained, evaluated or asked for predictions."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "backup_and_restore": "BackupAndRestore",
        "callback": "Callback",
        "callback_list": "CallbackList",
        "csv_logger": "CSVLogger",
        "early_stopping": "EarlyStopping",
        "kerasish.explain.gradient_monitor": "GradientMonitor",
        "history": "History",
        "lambda_callback": "LambdaCallback",
        "learning_rate_scheduler": "LearningRateScheduler",
        "model_checkpoint": "ModelCheckpoint",
        "progbar_logger": "ProgbarLogger",
        "reduce_lr_on_plateau": "ReduceLROnPlateau",
        "remote_monitor": "RemoteMonitor",
        "swap_ema_weights": "SwapEMAWeights",
        "tensorboard": "TensorBoard",
        "terminate_on_nan": "TerminateOnNaN",
    },
)
