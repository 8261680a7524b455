"""What a stored page costs, held against what no server of its kind can do without. `make bench`; docs/performance.md.

__main__.py   the run: starts all servers, asks them in turns, prints the table
sites.py      the servers: Newsroom, gunicorn with a constant answer, nginx with a plain file, the shipped nginx
load.py       asks over kept connections, and checks every byte of every answer
cpu.py        what the processes of a server have used of the processor
figures.py    ratios, the table, the machine
constant.py, constant_conf.py    gunicorn's constant answer
"""
