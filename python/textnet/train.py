"""Train the text finder on the CPU, resumable, for a given number of minutes.

One process draws scenes without end into a pool in shared memory; the trainers take random crops of
random scenes from the pool and average their gradients. Every checkpoint can be exported. The learning rate follows the time
spent (of --minutes), so a run can be stopped, resumed or extended.
"""

import argparse
import copy
import json
import multiprocessing as mp
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import distributed
from torch.nn import functional as F

from model import CELL, TextNet
from scene import Scenes
from targets import targets
from views import relief

SIDE, CROP, POOL = 320, 256, 1600
REUSE = 3  # crops taken per scene drawn


def drawer(seed, first, cache, fonts, raw, filled, used):
    """Scenes into the pool: picture, target and weight of scene `first`, `first` + 1, …

    Once the pool is full it draws one scene for every REUSE crops that the trainers took.
    """
    os.nice(19)
    torch.set_num_threads(1)
    pool = views(raw)
    scenes = Scenes(cache, fonts, "train")
    index = first
    while True:
        while index - first > POOL // 4 + used.value / REUSE:
            time.sleep(0.05)
        rng = random.Random(seed * 1_000_003 + index)
        image, lines = scenes.make(rng, SIDE)
        target, weight = targets(lines, SIDE)
        slot = index % POOL
        pool[0][slot], pool[1][slot], pool[2][slot] = image, target, weight
        index += 1
        filled.value = index


def views(raw):
    """The pool's three arrays over its shared memory."""
    cells = SIDE // CELL
    return (np.frombuffer(raw[0], np.uint8).reshape(POOL, SIDE, SIDE),
            np.frombuffer(raw[1], np.uint8).reshape(POOL, cells, cells),
            np.frombuffer(raw[2], np.uint8).reshape(POOL, cells, cells))


def batch(rng, pool, slots):
    """Random crops of the scenes in `slots`, some turned or mirrored, some with other brightness, some as a relief."""
    xs, ts, ws = [], [], []
    for slot in slots:
        y, x = rng.integers(0, (SIDE - CROP) // CELL + 1, 2)
        cut = (slice(y * CELL, y * CELL + CROP), slice(x * CELL, x * CELL + CROP))
        low = (slice(y, y + CROP // CELL), slice(x, x + CROP // CELL))
        parts = [pool[0][slot][cut].astype(np.float32) / 255, pool[1][slot][low], pool[2][slot][low]]
        if rng.random() < 0.3:
            k = rng.integers(1, 4)
            parts = [np.rot90(p, k) for p in parts]
        if rng.random() < 0.15:
            parts = [p[:, ::-1] for p in parts]
        if rng.random() < 0.3:
            parts[0] = np.clip((parts[0] - 0.5) * rng.uniform(0.6, 1.4) + 0.5 + rng.uniform(-0.15, 0.15), 0, 1)
        if rng.random() < 0.06:
            parts[0] = 1 - parts[0]
        if rng.random() < 0.25:
            parts[0] = relief(parts[0])
        xs.append(parts[0]), ts.append(parts[1]), ws.append(parts[2])
    stack = lambda a: torch.from_numpy(np.ascontiguousarray(np.stack(a)[:, None]))  # noqa: E731
    return (stack(xs).contiguous(memory_format=torch.channels_last),
            stack(ts).float(), stack(ws).float() / 255)


def loss_of(logits, target, weight):
    """Cross-entropy, text cells counted three times and what is far off up to four times, plus dice over the batch."""
    chance = torch.sigmoid(logits)
    hard = 0.5 + 1.5 * (chance.detach() - target).abs()
    cross = F.binary_cross_entropy_with_logits(logits, target, weight=weight * hard * (1 + 2 * target), reduction="sum") / weight.sum()
    chance = chance * weight
    dice = 1 - (2 * (chance * target).sum() + 1) / (chance.sum() + (target * weight).sum() + 1)
    return cross + 0.5 * dice


def rate(share, top):
    """Learning rate at a share of the time: short warm-up, cosine to nearly nothing."""
    return float(top * min(1, share / 0.02 + 0.02) * (0.5 + 0.5 * np.cos(np.pi * min(share, 1))) + 1e-5)


def trainer(rank, args, raw, filled, used):
    """One of `--trainers` equal processes; gradients are averaged at every step, the first one keeps the books."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", init_method=f"file://{args.out.resolve()}/meet", rank=rank, world_size=args.trainers)
    net = TextNet().to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), lr=args.rate, weight_decay=1e-2)
    average, state, saved = copy.deepcopy(net), {"elapsed": 0.0, "step": 0}, load(args)
    if saved:
        average.load_state_dict(saved["average"])
        net.load_state_dict(saved["net"] if saved["resumed"] else saved["average"])
        state["step"] = saved["state"]["step"]
        if saved["resumed"]:
            optimizer.load_state_dict(saved["optimizer"])
            state = saved["state"]
    first = saved["state"]["scene"] if saved else 0
    pool, rng = views(raw), np.random.default_rng([args.seed, state["step"], rank])
    while filled.value - first < 150:
        time.sleep(1)
    begin, before = time.time(), state["elapsed"]
    saved_at = logged_at = begin
    losses, share = [], torch.tensor([before])
    while share.item() < args.minutes * 60:
        ready = min(filled.value - first, POOL)
        slots = (filled.value - 1 - rng.integers(0, ready, args.batch)) % POOL
        x, target, weight = batch(rng, pool, slots)
        for group in optimizer.param_groups:
            group["lr"] = rate(share.item() / (args.minutes * 60), args.rate)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x)
        loss = loss_of(logits.float(), target, weight)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        share = torch.tensor([before + time.time() - begin if rank == 0 else 0.0])
        flat = torch.cat([p.grad.reshape(-1) for p in net.parameters()] + [share])
        distributed.all_reduce(flat)
        share, at = flat[-1:], 0
        for p in net.parameters():
            p.grad.copy_(flat[at:at + p.numel()].view_as(p) / args.trainers)
            at += p.numel()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimizer.step()
        state["step"] += 1
        if rank:
            continue
        used.value += args.batch * args.trainers
        keep = min(0.998, (1 + state["step"]) / (10 + state["step"]))
        with torch.no_grad():
            for a, b in zip(average.state_dict().values(), net.state_dict().values()):
                a.lerp_(b, 1 - keep) if a.is_floating_point() else a.copy_(b)
        losses.append(loss.item())
        state["elapsed"], now = share.item(), time.time()
        if now - logged_at > 30:
            entry = {"step": state["step"], "elapsed": round(share.item()), "scenes": filled.value, "loss": round(float(np.mean(losses)), 4)}
            with open(args.out / "log.jsonl", "a") as log:
                log.write(json.dumps(entry) + "\n")
            losses, logged_at = [], now
        if now - saved_at > 120 or share.item() >= args.minutes * 60:
            torch.save({"net": net.state_dict(), "average": average.state_dict(), "optimizer": optimizer.state_dict(),
                        "state": {**state, "scene": filled.value}, "seed": args.seed}, args.out / "new.pt")
            os.replace(args.out / "new.pt", args.out / "checkpoint.pt")
            saved_at = now


def load(args):
    """This run's own checkpoint, else the one to start from, else None."""
    own = (args.out / "checkpoint.pt").exists()
    path = args.out / "checkpoint.pt" if own else args.from_weights
    return {**torch.load(path, weights_only=True), "resumed": own} if path else None


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("--cache", required=True, type=Path, help="folder made by prepare.py")
    args.add_argument("--fonts", nargs="+", default=["/usr/share/fonts"], help="folders of fonts")
    args.add_argument("--out", required=True, type=Path, help="folder for checkpoint.pt and log.jsonl")
    args.add_argument("--from-weights", type=Path, help="start from another run's checkpoint, with a fresh schedule")
    args.add_argument("--minutes", type=float, default=60)
    args.add_argument("--seed", type=int, default=1)
    args.add_argument("--trainers", type=int, default=2, help="processes of one thread each")
    args.add_argument("--batch", type=int, default=5, help="crops per trainer and step")
    args.add_argument("--rate", type=float, default=2e-3)
    args = args.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "meet").unlink(missing_ok=True)
    saved = load(args)
    first = saved["state"]["scene"] if saved else 0
    raw = [mp.RawArray("B", POOL * n * n) for n in (SIDE, SIDE // CELL, SIDE // CELL)]
    filled, used = mp.Value("q", first, lock=False), mp.Value("d", 0, lock=False)
    mp.Process(target=drawer, args=(args.seed, first, args.cache, args.fonts, raw, filled, used), daemon=True).start()
    trainers = [mp.Process(target=trainer, args=(rank, args, raw, filled, used), daemon=True) for rank in range(args.trainers)]
    for process in trainers:
        process.start()
    for process in trainers:
        process.join()


if __name__ == "__main__":
    main()
