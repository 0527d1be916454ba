"""The rehearsal: twin, people, deployment in phases, proofs, report. Start reading at `run`."""
