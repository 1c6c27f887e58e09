"""First values of variables."""

from kerasish._lazy import attach

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "initializer": "Initializer",
        "constant_initializers": "Constant Identity IdentityInitializer=Identity Ones Zeros constant=Constant "
        "identity=Identity ones=Ones zeros=Zeros",
        "random_initializers": "Orthogonal OrthogonalInitializer=Orthogonal RandomNormal RandomUniform "
        "TruncatedNormal orthogonal=Orthogonal random_normal=RandomNormal random_uniform=RandomUniform "
        "truncated_normal=TruncatedNormal",
        "variance_scaling_initializers": "GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal LecunUniform "
        "VarianceScaling glorot_normal=GlorotNormal glorot_uniform=GlorotUniform he_normal=HeNormal "
        "he_uniform=HeUniform lecun_normal=LecunNormal lecun_uniform=LecunUniform variance_scaling=VarianceScaling",
        "stft_initializer": "STFT STFTInitializer=STFT stft=STFT",
        "serialization": "deserialize get serialize",
    },
)
