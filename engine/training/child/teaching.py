"""The recipes' own part: from split pictures to a network with its head."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.errors import DatasetError
from engine.training import weights as imagenet
from engine.training.alterations import ALTERATIONS, MIRRORED, PLAIN
from engine.training.child.feed import Feed
from engine.training.child.fit import fit
from engine.training.child.networks import classifier, load_backbone, with_head
from engine.training.child.pretrained import pretrained
from engine.training.child.quick import Head, fit_temperature, train_head
from engine.training.child.reporter import Reporter
from engine.training.child.scratch import custom_cnn
from engine.training.child.taught import Taught
from engine.training.events import Epoch, Stage
from engine.training.features import FEATURES, FeatureExtractor, backbone_graph, backbone_weights, imagenet_head
from engine.training.plan import Recipe
from engine.training.preparation import Pictures
from engine.training.run import Job
from engine.unknown import HEAD_CLASSES, Familiarity, fit_familiarity

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]

ENOUGH_TO_COOL = 50  # validation pictures from which one temperature can be told
FOLDS = 3
ALTERED_EACH = 48  # pictures altered in each way, to find where the unknown begins
CARELESS_GAP = 0.01
CARELESS_COPIES = 0.01  # share of copies from which on the comparison is worth its second
FEW = 1200  # pictures up to which mirrored and cropped copies are learnt from as well
FEW_VARIANTS = (PLAIN, MIRRORED, "cropped")
NEW_LEVEL = 0.05
LOWEST_TUNED = 2


@dataclass(frozen=True, eq=False)
class _Known:
    """Features of all pictures, and of altered copies of some that are learnt from.

    Attributes:
        features: float32 [n, d].
        variants: float32 [n, v, d], first the pictures themselves; more to learn from where there are few.
        altered: float32 [m, d], to find where the unknown begins.
        altered_from: int64 [m], positions in `features`.
    """

    features: Floats
    variants: Floats
    altered: Floats
    altered_from: npt.NDArray[np.int64]


def quick(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """A head on remembered features of a frozen backbone; seconds."""
    known = _look(job, pictures, honest, reporter)
    return _quick(job, pictures, honest, naive, known, reporter, curves=True)


def _quick(
    job: Job, pictures: Pictures, honest: Split, naive: Split, known: _Known, reporter: Reporter, *, curves: bool
) -> Taught:
    plan = job.plan
    reporter.stage("learning", "Learning what tells them apart")
    learn = np.union1d(honest.train, honest.validation)
    temperature = _temperature(pictures, known.variants, honest, plan.seed, reporter)
    head = _head(pictures, known.variants, learn, plan.seed, reporter, curves=curves)
    notes = _careless(pictures, known.variants, head, honest, naive, plan.seed, reporter)
    model, threshold = _compose_lite(job, pictures, known, learn, head.cooled(temperature))
    return Taught(
        model=model,
        backbone=plan.backbone or "",
        temperature=temperature,
        unknown_threshold=threshold,
        class_weights=head.cooled(temperature).kernel,
        train_features=known.features[honest.train],
        int8=backbone_graph(plan.backbone or ""),
        epochs=(),
        notes=tuple(notes),
    )


def finetune(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """From the quick head, the upper blocks learn too; kept only where a paired test says that it is better."""
    plan = job.plan
    known = _look(job, pictures, honest, reporter)
    reporter.stage("learning", "Learning what tells them apart")
    if not len(honest.validation):
        raise DatasetError(
            "There are too few pictures to fine-tune on.", "Use the quick recipe, or add pictures to each class."
        )
    head = _head(pictures, known.variants, honest.train, plan.seed, reporter)
    model, _ = _compose_lite(job, pictures, known, honest.train, head, dropout=plan.dropout or 0.0)
    before = _Scored.of(_softmax(head.logits(known.features[honest.validation])), pictures.labels[honest.validation])
    for layer in model.layers:
        layer.trainable = _is_upper(layer) and not isinstance(layer, keras.layers.BatchNormalization)
    reporter.stage("tuning", "Adjusting what it looks for")
    trained = keras.Model(model.input, model.output["probabilities"])
    epochs = _fit(job, pictures, honest, trained, reporter)
    reporter.stage("choosing", "Comparing it with the quick model")
    features = _keras_features(model, pictures.paths, plan.image_size or 0, reporter)
    kernel, bias = model.get_layer("head").get_weights()
    tuned = Head(kernel, bias)
    logits = tuned.logits(features[honest.validation])
    temperature = fit_temperature(logits, pictures.labels[honest.validation])
    after = _Scored.of(_softmax(logits / temperature), pictures.labels[honest.validation])
    if not after.better_than(before):
        taught = _quick(job, pictures, honest, naive, known, reporter, curves=False)
        note = "Fine-tuning was tried and not found better by a paired test, so the quick model was kept."
        return replace(taught, epochs=tuple(epochs), notes=(*taught.notes, note))
    learn = np.union1d(honest.train, honest.validation)
    moved = replace(known, features=features, altered=known.altered[:0], altered_from=known.altered_from[:0])
    final, threshold = _compose_lite(job, pictures, moved, learn, tuned.cooled(temperature))
    for layer in final.layers:
        if layer.weights and layer.name not in _HEAD_LAYERS:
            layer.set_weights(model.get_layer(layer.name).get_weights())
    note = (
        f"Fine-tuning was kept: {after.right} of {after.count} validation pictures right, {before.right} before, "
        "and surer of them by a paired test."
    )
    return Taught(
        model=final,
        backbone=plan.backbone or "",
        temperature=temperature,
        unknown_threshold=threshold,
        class_weights=tuned.cooled(temperature).kernel,
        train_features=features[honest.train],
        int8=None,
        epochs=tuple(epochs),
        notes=(note,),
    )


def cnn(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """The custom network, from nothing."""
    plan = job.plan
    side = plan.image_size or 0
    keras.utils.set_random_seed(plan.seed)
    model = with_head("cnn", custom_cnn(side, plan.dropout or 0.0), len(pictures.classes), dropout=plan.dropout or 0.0)
    reporter.stage("tuning", "Learning from nothing")
    epochs = _fit(job, pictures, honest, keras.Model(model.input, model.output["probabilities"]), reporter)
    features = _keras_features(model, pictures.paths, side, reporter)
    head = Head(*model.get_layer("head").get_weights())
    temperature = 1.0
    if len(honest.validation):
        temperature = fit_temperature(head.logits(features[honest.validation]), pictures.labels[honest.validation])
    return _without_imagenet(job, pictures, honest, model, custom_cnn(side, 0.0), head, temperature, features, epochs)


def classic(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """VGG16 or ResNet50, frozen: each picture is looked at once, and a head is learnt."""
    plan = job.plan
    side = plan.image_size or 0
    path = plan.weights or _fetched(job, reporter)
    trunk = pretrained(plan.recipe, side, path)
    model = with_head(plan.recipe.value, trunk, len(pictures.classes))
    features = _keras_features(model, pictures.paths, side, reporter)
    reporter.stage("learning", "Learning what tells them apart")
    temperature = _temperature(pictures, features[:, None], honest, plan.seed, reporter)
    learn = np.union1d(honest.train, honest.validation)
    head = _head(pictures, features[:, None], learn, plan.seed, reporter, curves=True)
    return _without_imagenet(job, pictures, honest, model, trunk, head, temperature, features, [])


Teacher = Callable[[Job, Pictures, Split, Split, Reporter], Taught]
TEACHERS: dict[Recipe, Teacher] = {
    Recipe.QUICK: quick,
    Recipe.FINETUNE: finetune,
    Recipe.CNN: cnn,
    Recipe.VGG16: classic,
    Recipe.RESNET50: classic,
}
_HEAD_LAYERS = ("head", "kind_posterior", "kind", "prototypes", "opinions_sum")


def _look(job: Job, pictures: Pictures, honest: Split, reporter: Reporter) -> _Known:
    """Features of every picture, most of them remembered from earlier trainings."""
    plan = job.plan
    extractor = FeatureExtractor(plan.backbone or "", plan.image_size or 0, job.cache)
    total = len(pictures.paths)
    reporter.stage("looking", "Looking at each picture once")

    def looked(done: int) -> None:
        reporter.tell_sometimes(Stage("looking", f"Looking at each picture once: {done} of {total}", done, total))

    variants = FEW_VARIANTS if total <= FEW else (PLAIN,)
    extracted = extractor.extract(pictures.paths, variants, progress=looked, cancel=reporter.cancel)
    reporter.check()
    altered, origins = [np.zeros((0, FEATURES), np.float32)], [np.zeros(0, np.int64)]
    random = np.random.default_rng(plan.seed)
    for kind in ALTERATIONS:
        chosen = np.sort(random.permutation(honest.train)[:ALTERED_EACH])
        copies = extractor.extract([pictures.paths[at] for at in chosen], (kind,), cancel=reporter.cancel)
        reporter.check()
        altered.append(copies.features[:, 0])
        origins.append(chosen.astype(np.int64))
    features = extracted.features
    return _Known(features[:, 0], features, np.concatenate(altered), np.concatenate(origins))


class _HeadTold(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells of a head's epochs, a few a second, and stops it when asked.

    Only the head that is kept has `curves`; those that help to judge it, or that a fine-tuning starts from, do not.
    """

    def __init__(self, reporter: Reporter, curves: bool) -> None:
        super().__init__()
        self._reporter = reporter
        self._curves = curves

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self._reporter.cancelled:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        loss, accuracy = float(logs.get("loss", 0.0)), float(logs.get("accuracy", 0.0))
        total = int(self.params.get("epochs") or 0)
        if not self._curves:
            message = "Learning what tells them apart"
            self._reporter.tell_sometimes(Stage("learning", message, epoch + 1, total))
            return
        self._reporter.tell_sometimes(
            Epoch(
                epoch + 1,
                total,
                loss,
                accuracy,
                float(logs.get("val_loss", loss)),
                float(logs.get("val_accuracy", accuracy)),
                0.0,
            )
        )


def _head(
    pictures: Pictures, variants: Floats, chosen: Indices, seed: int, reporter: Reporter, *, curves: bool = False
) -> Head:
    weights = pictures.class_weights(chosen)[pictures.labels[chosen]]
    count = variants.shape[1]
    head = train_head(
        variants[chosen].reshape(-1, variants.shape[2]),
        np.repeat(pictures.labels[chosen], count),
        len(pictures.classes),
        sample_weights=np.repeat(weights, count),
        seed=seed,
        callbacks=[_HeadTold(reporter, curves)],
    )
    reporter.check()
    return head


def _temperature(pictures: Pictures, variants: Floats, honest: Split, seed: int, reporter: Reporter) -> float:
    """From pictures that the head was not taught: the validation part, or in turns where that is small."""
    learn = np.union1d(honest.train, honest.validation)
    if len(honest.validation) >= ENOUGH_TO_COOL:
        head = _head(pictures, variants, honest.train, seed, reporter)
        return fit_temperature(head.logits(variants[honest.validation, 0]), pictures.labels[honest.validation])
    logits, labels = [], []
    turn = np.random.default_rng(seed).permutation(len(learn)) % FOLDS
    for fold in range(FOLDS):
        inside, outside = learn[turn != fold], learn[turn == fold]
        if not len(outside) or len(np.unique(pictures.labels[inside])) < len(pictures.classes):
            continue
        head = _head(pictures, variants, inside, seed, reporter)
        logits.append(head.logits(variants[outside, 0]))
        labels.append(pictures.labels[outside])
    return fit_temperature(np.concatenate(logits), np.concatenate(labels)) if logits else 1.0


def _careless(
    pictures: Pictures, variants: Floats, head: Head, honest: Split, naive: Split, seed: int, reporter: Reporter
) -> list[str]:
    """What a split that ignores copies would have promised, where that is more."""
    if honest.kept_together < CARELESS_COPIES * len(variants) or not len(naive.test):
        return []
    learn = np.union1d(naive.train, naive.validation)
    careless = _head(pictures, variants, learn, seed, reporter)
    promised = _right(careless, variants[naive.test, 0], pictures.labels[naive.test])
    held = _right(head, variants[honest.test, 0], pictures.labels[honest.test])
    if promised - held < CARELESS_GAP:
        return []
    return [
        f"Had copies been allowed on both sides, it would have looked {100 * promised:.1f} % right "
        f"instead of {100 * held:.1f} %."
    ]


def _compose_lite(
    job: Job, pictures: Pictures, known: _Known, learn: Indices, head: Head, *, dropout: float = 0.0
) -> tuple[keras.Model, float]:
    """The whole network, and the threshold of the unknown."""
    backbone = job.plan.backbone or ""
    parts, threshold = _familiarity(known, learn, *imagenet_head(backbone), job.plan.seed)
    model = classifier(backbone, len(pictures.classes), job.plan.image_size, familiarity=parts, dropout=dropout)
    load_backbone(model, backbone_weights(backbone))
    model.get_layer("head").set_weights([head.kernel, head.bias])
    return model, threshold


def _familiarity(
    known: _Known, learn: Indices, head_kernel: Floats, head_bias: Floats, seed: int
) -> tuple[Familiarity, float]:
    row = np.full(len(known.features), -1, np.int64)
    row[learn] = np.arange(len(learn))
    usable = row[known.altered_from] >= 0
    return fit_familiarity(
        known.features[learn],
        head_kernel,
        head_bias,
        known.altered[usable],
        row[known.altered_from[usable]],
        seed,
    )


def _without_imagenet(
    job: Job,
    pictures: Pictures,
    honest: Split,
    trained: keras.Model,
    trunk: tuple[keras.KerasTensor, keras.KerasTensor, keras.KerasTensor],
    head: Head,
    temperature: float,
    features: Floats,
    epochs: Sequence[dict[str, float]],
) -> Taught:
    """The network with the familiarity of its own features alone: these have no ImageNet classes to ask."""
    learn = np.union1d(honest.train, honest.validation)
    known = _Known(features, features[:, None], features[:0], np.zeros(0, np.int64))
    depth = features.shape[1]
    nobody = np.zeros((depth, HEAD_CLASSES), np.float32), np.zeros(HEAD_CLASSES, np.float32)
    parts, threshold = _familiarity(known, learn, *nobody, job.plan.seed)
    model = with_head(job.plan.recipe.value, trunk, len(pictures.classes), familiarity=parts)
    for layer in model.layers:
        if layer.weights and layer.name not in _HEAD_LAYERS:
            layer.set_weights(trained.get_layer(layer.name).get_weights())
    cooled = head.cooled(temperature)
    model.get_layer("head").set_weights([cooled.kernel, cooled.bias])
    return Taught(
        model=model,
        backbone=job.plan.recipe.value,
        temperature=temperature,
        unknown_threshold=threshold,
        class_weights=cooled.kernel,
        train_features=features[honest.train],
        int8=None,
        epochs=tuple(epochs),
        notes=(),
    )


def _fit(job: Job, pictures: Pictures, honest: Split, model: keras.Model, reporter: Reporter) -> list[dict[str, float]]:
    plan = job.plan

    def feed(chosen: Indices, *, learning: bool) -> Feed:
        return Feed(
            [pictures.paths[at] for at in chosen],
            pictures.labels[chosen],
            classes=len(pictures.classes),
            side=plan.image_size or 0,
            batch=plan.batch_size or 16,
            class_weights=pictures.class_weights(honest.train) if learning else None,
            strength=(plan.augmentation or 0.0) if learning else 0.0,
            shuffle=learning,
            mixup=False,
            seed=plan.seed,
        )

    return fit(
        model,
        feed(honest.train, learning=True),
        feed(honest.validation, learning=False) if len(honest.validation) else None,
        learning_rate=plan.learning_rate or 1e-3,
        epochs=plan.epochs or 1,
        checkpoints=job.checkpoints / pictures.fingerprint[:16],
        reporter=reporter,
        seed=plan.seed,
    )


def _keras_features(model: keras.Model, paths: Sequence[Path], side: int, reporter: Reporter) -> Floats:
    """float32 [n, d] from Keras itself, a batch at a time."""
    extractor = keras.Model(model.input, model.output["features"])
    feed = Feed(paths, np.zeros(len(paths), np.int64), classes=1, side=side, batch=16)
    rows = []
    for index in range(len(feed)):
        reporter.check()
        rows.append(np.asarray(extractor(feed[index][0], training=False)))
        done = min((index + 1) * 16, len(paths))
        reporter.tell_sometimes(Stage("looking", f"Looking at each picture: {done} of {len(paths)}", done, len(paths)))
    return np.concatenate(rows)


def _fetched(job: Job, reporter: Reporter) -> Path:
    wanted = imagenet.KNOWN[job.plan.recipe]
    reporter.stage("fetching", f"Fetching ImageNet weights of {job.plan.recipe.title}, once")

    def fetched(done: int, total: int) -> None:
        message = f"Fetching ImageNet weights: {done / 1e6:.0f} of {total / 1e6:.0f} MB"
        reporter.tell_sometimes(Stage("fetching", message, done, total))

    return imagenet.obtain(
        wanted, job.cache.parent / "weights", consent=job.plan.fetch_weights, progress=fetched, check=reporter.check
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """How well probabilities fit labels: each picture's log-loss, and how many are right."""

    losses: Floats
    right: int

    @classmethod
    def of(cls, probabilities: Floats, labels: npt.NDArray[np.int64]) -> _Scored:
        chosen = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1.0)
        return cls(-np.log(chosen), int((probabilities.argmax(axis=1) == labels).sum()))

    @property
    def count(self) -> int:
        return len(self.losses)

    def better_than(self, other: _Scored) -> bool:
        """Not fewer right, and a smaller log-loss by a one-sided paired permutation test at 5 %.

        Whether a picture is right is one bit; its log-loss says more, so the same few pictures decide more surely.
        """
        gains = other.losses - self.losses
        gain = float(gains.mean())
        signs = np.random.default_rng(0).choice(np.array([-1.0, 1.0], np.float32), (4000, len(gains)))
        by_chance = float(((signs * gains).mean(axis=1) >= gain).mean())
        return self.right >= other.right and gain > 0 and by_chance < NEW_LEVEL


def _softmax(logits: Floats) -> Floats:
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = exponentials / exponentials.sum(axis=1, keepdims=True)
    return result


def _right(head: Head, features: Floats, labels: npt.NDArray[np.int64]) -> float:
    return float((head.logits(features).argmax(axis=1) == labels).mean())


def _is_upper(layer: keras.layers.Layer) -> bool:
    """Whether fine-tuning moves it: the head and all but the lowest blocks, which see edges and colours."""
    if layer.name.startswith("block"):
        number = "".join(ch for ch in layer.name.split("_")[0] if ch.isdigit())
        return int(number) >= LOWEST_TUNED
    return bool(layer.name.startswith("top") or layer.name == "head")
