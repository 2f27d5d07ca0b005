"""Who plays: the ensemble that was asked for, its instruments, and how many notes may sound at once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from muse.errors import UsageError, WishError, did_you_mean
from muse.music.arrange.instruments import DRUMS, Instrument, instrument, of_program
from muse.music.mood import Plan

ENSEMBLES = ("melody", "lead", "satb", "piano", "band")
VOICES = ("soprano", "alto", "tenor", "bass")
MOST_PLAYERS = 9
_CHORD_ROLES = ("keys", "guitar", "strings")


@dataclass(frozen=True, slots=True)
class Band:
    """What was asked of the players; what is None or empty follows from the mood.

    Attributes:
        ensemble: "melody", "lead" (a tune with chords), "satb", "piano" or "band".
        players: the instruments that were asked for; the first has the tune.
        polyphony: most notes that sound at once, drums apart.
    """

    ensemble: str = "lead"
    players: tuple[Instrument, ...] = ()
    polyphony: int | None = None

    @classmethod
    def asked(cls, ensemble: str | None = None, instruments: str = "", polyphony: int | None = None) -> Band:
        """The band of a wish; instruments alone make a band, of one or two a tune or a lead sheet.

        >>> Band.asked(instruments="flute, guitar, bass, drums").ensemble
        'band'

        Raises:
            UsageError: an unknown ensemble or instrument.
            WishError: more or fewer instruments than the ensemble has, or more voices than may sound.
        """
        if ensemble is not None and ensemble not in ENSEMBLES:
            raise UsageError(f"ensemble: unknown ensemble {ensemble!r}", "", did_you_mean(str(ensemble), ENSEMBLES))
        names = [name for name in re.split(r"[,，、;+]", instruments) if name.strip()]
        players = tuple(instrument(name) for name in names)
        if ensemble is None:
            ensemble = "lead" if not players else "melody" if len(players) == 1 else "band"
        most = {"melody": 1, "lead": 2, "satb": 4, "piano": 1, "band": MOST_PLAYERS}[ensemble]
        if len(players) > most or (ensemble == "satb" and len(players) in (2, 3)):
            raise WishError(
                f"instruments: {len(players)} do not fit the ensemble {ensemble!r}",
                "four voices take one instrument or four" if ensemble == "satb" else f"it has room for {most}",
                "name fewer, or ask for --ensemble band" if most < MOST_PLAYERS else "name fewer",
            )
        if players and players[0].drums:
            raise WishError("instruments: drums cannot have the tune", "the first instrument has it",
                            "name another one first")  # fmt: skip
        for player in players:
            if player.drums and ensemble != "band":
                raise WishError(f"instruments: {ensemble!r} has no drums", "", "ask for --ensemble band")
        if ensemble == "piano" and players and players[0].role != "keys":
            raise WishError(f"instruments: a {players[0].name.lower()} is no keyboard", "the ensemble is 'piano'",
                            "name a keyboard, or ask for --ensemble lead")  # fmt: skip
        least = {"melody": 1, "satb": 4}.get(ensemble, 2)
        if polyphony is not None and not least <= polyphony <= 32:
            raise WishError(f"polyphony: {polyphony} cannot be", f"the ensemble {ensemble!r} has {least} parts or more",
                            f"ask for {least} to 32")  # fmt: skip
        return cls(ensemble, players, polyphony)

    @property
    def task(self) -> str:
        """What the composer writes for it."""
        return self.ensemble if self.ensemble in ("melody", "satb") else "lead"

    def lead(self, plan: Plan) -> Instrument:
        """Who has the tune."""
        if self.players:
            return self.players[0]
        return of_program(0 if self.ensemble == "piano" else plan.programs.get("melody", 0))

    def voices(self, plan: Plan) -> tuple[Instrument, ...]:
        """The instruments of four voices."""
        if len(self.players) == len(VOICES):
            return self.players
        if self.players:
            return self.players * len(VOICES)
        return tuple(of_program(plan.programs[voice]) for voice in VOICES)

    def accompanists(self, plan: Plan) -> tuple[Instrument, ...]:
        """Who plays under the tune, in the order of the tracks."""
        if self.ensemble in ("melody", "satb"):
            return ()
        if self.ensemble == "piano":
            return (self.lead(plan),)
        if len(self.players) > 1:
            return self.players[1:]
        chords = of_program(plan.programs.get("chords", 0))
        if self.ensemble == "lead":
            return (chords,)
        if chords.role not in ("keys", "guitar"):
            chords = of_program(0)
        return (
            (chords, instrument("bass"), DRUMS) if plan.drive else (chords, instrument("strings"), instrument("bass"))
        )

    def compass(self, plan: Plan) -> tuple[int, int]:
        """The usual range of the tune on its instrument, higher or lower with the plan's register."""
        player = self.lead(plan)
        middle = (player.low + player.high) // 2
        centre = {"line": middle - 2, "bass": middle + 6, "keys": 73, "guitar": 69}.get(player.role, 70)
        centre = (67 if player.program in (52, 53, 54) else centre) + 2 * (plan.register - 2)
        return max(player.low, centre - 8), min(player.high, centre + 9)

    def shares(self, players: tuple[Instrument, ...]) -> list[int]:
        """How many notes at once each accompanist may play: one for the bass and for lines, the rest to the others.

        Without a limit a player of chords has four. Who is left with none does not play.
        """
        alone = {"bass": 1, "line": 1, "drums": 1}
        if self.polyphony is None:
            return [alone.get(player.role, 4) for player in players]
        left = self.polyphony - 1
        shares = [0] * len(players)
        order = sorted(range(len(players)), key=lambda place: players[place].role != "bass")
        while left > 0 and order:
            for place in list(order):
                role = players[place].role
                if role == "drums" or (role not in _CHORD_ROLES and shares[place]) or shares[place] == 4:
                    order.remove(place)
                elif left > 0:
                    shares[place] += 1
                    left -= 1
        return [1 if player.drums else share for player, share in zip(players, shares, strict=True)]
