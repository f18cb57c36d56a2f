"""The recipes' own part: from split pictures to a network with its head."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt

from engine.dataset.split import Split
from engine.errors import DatasetError
from engine.training import weights as imagenet
from engine.training.child.composing import compose_lite, compose_without_imagenet, copy_trunk
from engine.training.child.feed import Feed
from engine.training.child.fit import fit
from engine.training.child.heads import careless_notes, find_temperature, teach_head
from engine.training.child.looking import Known, keras_features, know
from engine.training.child.networks import efficientnet_lite, with_head
from engine.training.child.paired import Scored, softmax
from engine.training.child.pretrained import pretrained
from engine.training.child.quick import Head, fit_temperature
from engine.training.child.reporter import Reporter
from engine.training.child.scratch import custom_cnn
from engine.training.child.taught import Taught
from engine.training.child.trunk import take
from engine.training.events import Stage
from engine.training.features import backbone_graph
from engine.training.messages import Job
from engine.training.plan import Recipe, enlarged
from engine.training.preparation import Pictures

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.intp]


def quick(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """A head on remembered features of a frozen backbone; seconds."""
    known = know(job, pictures, honest, reporter)
    return _quick(job, pictures, honest, naive, known, reporter, curves=True)


def _quick(
    job: Job, pictures: Pictures, honest: Split, naive: Split, known: Known, reporter: Reporter, *, curves: bool
) -> Taught:
    plan = job.plan
    reporter.stage("learning", "Learning what tells them apart")
    learn = np.union1d(honest.train, honest.validation)
    temperature = find_temperature(pictures, known.variants, honest, plan, reporter)
    head = teach_head(pictures, known.variants, learn, plan, reporter, held_back=honest.test if curves else None)
    notes = careless_notes(pictures, known.variants, head, honest, naive, plan, reporter)
    trunk = take(plan.backbone or "", plan.image_size or 0)
    model, threshold = compose_lite(job, pictures, trunk, known, learn, head.cooled(temperature))
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
    """From the quick head, the whole network learns; kept only where a paired test says that it is better.

    Crops make things look larger while it learns, so it answers at a larger size than it was tuned at (Touvron et al.
    2019, arXiv:1906.06423).
    """
    plan = job.plan
    backbone, side = plan.backbone or "", plan.image_size or 0
    known = know(job, pictures, honest, reporter)
    reporter.stage("learning", "Learning what tells them apart")
    if not len(honest.validation):
        raise DatasetError(
            "There are too few photos to fine-tune on.", "Use the quick recipe, or add photos to each class."
        )
    head = teach_head(pictures, known.variants, honest.train, plan, reporter)
    before, _ = _scored(head, known.features, pictures, honest)
    model = with_head(backbone, take(backbone, side), len(pictures.classes), dropout=plan.dropout or 0.0)
    model.get_layer("head").set_weights([head.kernel, head.bias])
    for layer in model.layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    reporter.stage("tuning", "Adjusting what it looks for")
    epochs = _fit(job, pictures, honest, keras.Model(model.input, model.output["probabilities"]), reporter)
    reporter.stage("choosing", "Comparing it with the quick model")
    side = enlarged(side)
    trunk = efficientnet_lite(backbone, side)
    image, _, pooled = trunk
    larger = keras.Model(image, {"features": pooled})
    copy_trunk(model, larger)
    features = keras_features(larger, pictures.paths, side, reporter)
    tuned = Head(*model.get_layer("head").get_weights())
    after, temperature = _scored(tuned, features, pictures, honest)
    if not after.better_than(before):
        taught = _quick(job, pictures, honest, naive, known, reporter, curves=False)
        note = "Fine-tuning was tried, but a paired test did not find it better, so the quick model was kept."
        return replace(taught, epochs=tuple(epochs), notes=(*taught.notes, note))
    cooled = tuned.cooled(temperature)
    moved = replace(known, features=features, altered=known.altered[:0], altered_from=known.altered_from[:0])
    learn = np.union1d(honest.train, honest.validation)
    final, threshold = compose_lite(job, pictures, trunk, moved, learn, cooled)
    note = (
        f"Fine-tuning was kept: {after.right} of {after.count} photos held back to steer by are right, "
        f"{before.right} were before, and a paired test finds it surer of them."
    )
    return Taught(
        model=final,
        backbone=backbone,
        temperature=temperature,
        unknown_threshold=threshold,
        class_weights=cooled.kernel,
        train_features=features[honest.train],
        int8=None,
        epochs=tuple(epochs),
        notes=(note,),
    )


def _scored(head: Head, features: Floats, pictures: Pictures, honest: Split) -> tuple[Scored, float]:
    """How a head does on the validation pictures, each head at the temperature that suits it; and that temperature."""
    logits, labels = head.logits(features[honest.validation]), pictures.labels[honest.validation]
    temperature = fit_temperature(logits, labels)
    return Scored.of(softmax(logits / temperature), labels), temperature


def cnn(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """The custom network, from nothing."""
    plan = job.plan
    side = plan.image_size or 0
    keras.utils.set_random_seed(plan.seed)
    model = with_head("cnn", custom_cnn(side, plan.dropout or 0.0), len(pictures.classes), dropout=plan.dropout or 0.0)
    reporter.stage("tuning", "Learning from nothing")
    epochs = _fit(job, pictures, honest, keras.Model(model.input, model.output["probabilities"]), reporter)
    features = keras_features(model, pictures.paths, side, reporter)
    head = Head(*model.get_layer("head").get_weights())
    temperature = 1.0
    if len(honest.validation):
        temperature = fit_temperature(head.logits(features[honest.validation]), pictures.labels[honest.validation])
    return compose_without_imagenet(
        job, pictures, honest, model, custom_cnn(side, 0.0), head, temperature, features, epochs
    )


def classic(job: Job, pictures: Pictures, honest: Split, naive: Split, reporter: Reporter) -> Taught:
    """VGG16 or ResNet50, frozen: each picture is looked at once, and a head is learnt."""
    plan = job.plan
    side = plan.image_size or 0
    path = plan.weights or _fetched(job, reporter)
    trunk = pretrained(plan.recipe, side, path)
    model = with_head(plan.recipe.value, trunk, len(pictures.classes))
    features = keras_features(model, pictures.paths, side, reporter)
    reporter.stage("learning", "Learning what tells them apart")
    temperature = find_temperature(pictures, features[:, None], honest, plan, reporter)
    learn = np.union1d(honest.train, honest.validation)
    head = teach_head(pictures, features[:, None], learn, plan, reporter, held_back=honest.test)
    return compose_without_imagenet(job, pictures, honest, model, trunk, head, temperature, features, [])


Teacher = Callable[[Job, Pictures, Split, Split, Reporter], Taught]


TEACHERS: dict[Recipe, Teacher] = {
    Recipe.QUICK: quick,
    Recipe.FINETUNE: finetune,
    Recipe.CNN: cnn,
    Recipe.VGG16: classic,
    Recipe.RESNET50: classic,
}


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


def _fetched(job: Job, reporter: Reporter) -> Path:
    wanted = imagenet.KNOWN[job.plan.recipe]
    reporter.stage("fetching", f"Fetching ImageNet weights of {job.plan.recipe.title}, once")

    def fetched(done: int, total: int) -> None:
        message = f"Fetching ImageNet weights: {done / 1e6:.0f} of {total / 1e6:.0f} MB"
        reporter.tell_sometimes(Stage("fetching", message, done, total))

    return imagenet.obtain(
        wanted, job.cache.parent / "weights", consent=job.plan.fetch_weights, progress=fetched, check=reporter.check
    )
