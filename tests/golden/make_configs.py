"""Writes configs.json: how Keras serializes one object of each class that graft can save."""

from common import keras, save_json, set_precision
from keras import constraints, initializers, layers, losses, metrics, optimizers, regularizers


def objects():
    same = {"kernel_regularizer": "l2", "bias_regularizer": regularizers.L1L2(0.1, 0.2), "kernel_constraint": "max_norm"}
    yield from (
        layers.InputLayer((4, None, 3), name="input"),
        layers.Dense(3, activation="relu", bias_initializer="ones", **same),
        layers.Conv2D(2, (3, 2), strides=(1, 2), padding="same", kernel_initializer=initializers.HeNormal(seed=3), **same),
        layers.Conv2DTranspose(2, (3, 2), strides=2, padding="same", output_padding=1, **same),
        layers.Conv2DTranspose(2, 3, dilation_rate=2),
        layers.Conv1D(2, 3, strides=2, padding="causal", groups=2, activation="relu"),
        layers.MaxPooling1D(3, strides=1, padding="same"),
        layers.AveragePooling1D(2),
        layers.GlobalAveragePooling1D(keepdims=True),
        layers.GlobalMaxPooling1D(),
        layers.MaxPooling2D((2, 3), strides=1),
        layers.AveragePooling2D(2, padding="same"),
        layers.GlobalAveragePooling2D(),
        layers.GlobalMaxPooling2D(),
        layers.Flatten(trainable=False),
        layers.Reshape((2, -1)),
        layers.ZeroPadding1D((1, 2)),
        layers.ZeroPadding2D(((1, 2), (3, 4))),
        layers.Permute((2, 3, 1)),
        layers.Cropping1D(1),
        layers.Cropping2D(((1, 2), (3, 4))),
        layers.UpSampling2D((2, 3), interpolation="bilinear"),
        layers.Resizing(3, 4, interpolation="nearest", crop_to_aspect_ratio=True),
        layers.CenterCrop(3, 4),
        layers.Embedding(3, 4, embeddings_regularizer="l2", embeddings_constraint="unit_norm"),
        layers.SpatialDropout2D(0.25, seed=4),
        layers.GaussianNoise(0.25),
        layers.GaussianDropout(0.25, seed=5),
        layers.Dropout(0.25, noise_shape=(None, 1, 3), seed=4),
        layers.BatchNormalization(momentum=0.9, beta_constraint=constraints.MinMaxNorm(0.5, 2.0), scale=False),
        layers.LayerNormalization(axis=[1, 2], epsilon=1e-6, beta_regularizer="l2", gamma_constraint="non_neg"),
        layers.LayerNormalization(rms_scaling=True),
        layers.GroupNormalization(groups=4, axis=1, center=False, gamma_initializer="zeros"),
        layers.Activation("swish"),
        layers.ReLU(max_value=6.0, negative_slope=0.25, threshold=0.5),
        layers.Softmax(axis=-1),
        layers.Softmax(axis=[1, 2]),
        layers.LeakyReLU(negative_slope=0.125),
        layers.ELU(alpha=0.5),
        layers.PReLU(alpha_initializer="ones", alpha_regularizer="l2", alpha_constraint="non_neg", shared_axes=[1, 2]),
        layers.PReLU(),
        layers.Add(),
        layers.Concatenate(axis=1),
        layers.Subtract(),
        layers.Average(),
        layers.Maximum(),
        layers.Minimum(),
        layers.Dot(axes=-1),
        layers.Dot(axes=(1, 2), normalize=True),
        layers.Rescaling(1 / 128, offset=-1),
        layers.RandomFlip("vertical", seed=5),
        layers.RandomRotation((-0.1, 0.2), fill_mode="constant", fill_value=2.0),
        layers.RandomTranslation((-0.1, 0.1), (-0.2, 0.3), interpolation="nearest"),
        layers.RandomZoom((-0.1, 0.1)),
    )
    schedules = optimizers.schedules
    rates = (
        schedules.ExponentialDecay(0.1, 10, 0.9, staircase=True),
        schedules.InverseTimeDecay(0.1, 10, 0.9),
        schedules.PolynomialDecay(0.1, 10, cycle=True),
        schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=3),
        schedules.PiecewiseConstantDecay([2, 4], [0.3, 0.2, 0.1]),
    )
    for rate in rates:
        yield optimizers.SGD(rate, momentum=0.9, nesterov=True)
    yield from (optimizers.RMSprop(), optimizers.Adam(amsgrad=True, clipnorm=1.0), optimizers.AdamW())
    for name in (
        "CategoricalCrossentropy SparseCategoricalCrossentropy BinaryCrossentropy MeanSquaredError MeanAbsoluteError "
        "MeanAbsolutePercentageError MeanSquaredLogarithmicError Huber LogCosh KLDivergence Poisson CosineSimilarity Hinge "
        "SquaredHinge CategoricalHinge"
    ).split():
        yield getattr(losses, name)()
    for name in (
        "BinaryAccuracy CategoricalAccuracy SparseCategoricalAccuracy TopKCategoricalAccuracy "
        "SparseTopKCategoricalAccuracy MeanSquaredError MeanAbsoluteError RootMeanSquaredError CategoricalCrossentropy "
        "SparseCategoricalCrossentropy BinaryCrossentropy Precision Recall AUC"
    ).split():
        yield getattr(metrics, name)()
    for name in (
        "Zeros Ones Constant RandomNormal RandomUniform TruncatedNormal VarianceScaling GlorotUniform GlorotNormal HeUniform "
        "HeNormal LecunUniform LecunNormal Orthogonal Identity"
    ).split():
        yield getattr(initializers, name)()
    yield from (regularizers.L1(0.3), regularizers.L2(0.3), regularizers.L1L2(0.1, 0.2))
    yield from (constraints.MaxNorm(3.0, axis=[0, 1]), constraints.MinMaxNorm(), constraints.NonNeg(), constraints.UnitNorm())


if __name__ == "__main__":
    set_precision("float32")
    cases = [keras.saving.serialize_keras_object(thing) for thing in objects()]
    save_json("configs", cases)
