"""Steps of training, evaluation and prediction, on the tape and recorded."""
