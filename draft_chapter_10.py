p='lessons/10_stacked.md'
s=open(p).read()
def cut(a,b,new):
    global s
    i=s.index(a); j=s.index(b,i)
    s=s[:i]+new+s[j:]
def swap(a,b):
    global s
    assert s.count(a)==1,(s.count(a),a[:60])
    s=s.replace(a,b)
cut("notes' next idea takes up one line","## Play first",'''notes' next idea takes up one line: *multi-layer LSTM: layers add up*. So we put two and three layers on top of each other and
train them on 800,000 characters of reviews. To be fair, they get no more parameters: one layer of 62 units, two of 40, or three of 32. And each has a learning
rate of its own: at least five were tried for each, each twice the one before, and the one that was best on another text was taken.

```{code-cell}
from course_utils.experiments.depth import Trial, reported
from course_utils.experiments.results import load_results

table = load_results("depth")["runs"]


def held_out_bits(layers, H, **other):
    """Of each seed, at the learning rate that was chosen for this network and what it reads."""
    return [run["score"] for run in reported(table, Trial(layers, H, **other))]


for layers, H in ((1, 62), (2, 40), (3, 32)):
    found = reported(table, Trial(layers, H))
    print(f"{layers} × {H}, {found[0]['parameters']:,} parameters, rate {found[0]['rate']}: ", end="")
    print(f"{np.mean(held_out_bits(layers, H)):.2f} bits per character, mean of {len(found)} seeds")
```

@@FIRST@@ (So many networks take too long to train here: `python -m benchmarks.quality.depth` has done it, and wrote the table that this chapter
draws from.) Is depth useless for reading letters, then? Or did we stack the layers badly? We will look into stacks, find that their start is bad, and
come back to this question with a better one.

''')
swap("Here are five trained stacks (from a better start than those above; it comes below).","Here are five trained stacks (from a better start than those above; it comes below; all with chapter 05's 3,000 updates at its learning rate).")
open(p,'w').write(s)
swap('''Is it the faint start that spoils the stacks? The first 400 updates of three networks with 28,000 parameters each, as in the table of the first cell:
one layer; three layers as usual; three layers with gain 4.''','''What does the faint start do to training? The first 400 updates of three networks with 28,000 parameters each, of the sizes of the first cell, and all with chapter
05's learning rate of 0.004: one layer; three layers as usual; three layers with gain 4.''')
cut('''That more layers are better is the promise''','''## On your own''','''That more layers are better is the promise behind “multi-layer LSTM”. Here is what `benchmarks.quality.depth` measured. Every dot is a network started from another seed.
All read 800,000 characters once, in the same batches; the rate rises during the first twentieth of the updates and falls along a cosine. Each network, and each
gain, has a peak rate of its own: from seed 0, at least five were tried, each twice the one before, and the best on a validation text was taken; it was never the smallest or the largest that was
tried. With three million characters there is one seed only, at the same rates.

### At equal parameters

**@@EQUAL CAPTION@@**

```{code-cell}
from course_utils.plots import seeds

GAINS = {"": 1.0, "\\ngain 4": 4.0}
names = {f"{layers} × {H}{said}": Trial(layers, H, gain) for said, gain in GAINS.items() for layers, H in ((2, 40), (3, 32))}
names = {"1 × 62": Trial(1, 62)} | names


def scores_of(trials, **other):
    return {name: [run["score"] for run in reported(table, trial._replace(**other))] for name, trial in trials.items()}


def by_depth(networks):
    """The colour of each network: that of its uppermost layer."""
    return {name: plots.LAYERS[int(name[0]) - 1] for name in networks}


equal, longer = scores_of(names), scores_of(names, characters=3_000_000)
fig, axes = plt.subplots(1, 2, figsize=(12, 3.6), sharey=True)
for ax, scores, title in zip(axes, (equal, longer), ("800,000 characters", "3 million characters, one seed"), strict=True):
    seeds.by_group(scores, by_depth(scores), upright=True, ax=ax).set_title(title)
axes[0].set_ylabel("bits per character")
show()

for name, trial in names.items():
    print(f"{name.replace(chr(10), ', ')}: rate {reported(table, trial)[0]['rate']}")
@@EQUAL ASSERTS@@
```

@@EQUAL PROSE@@

### At equal width

**@@WIDTH CAPTION@@**

```{code-cell}
wide = {
    "1 × 62\\n28,310": Trial(1, 62),
    "2 × 62\\n59,310": Trial(2, 62, 4.0),
    "3 × 62\\n90,310": Trial(3, 62, 4.0),
    "1 × 128\\n90,482": Trial(1, 128),
}
larger = scores_of(wide)
fig, ax = plt.subplots(figsize=(8, 3.6))
seeds.by_group(larger, by_depth(larger), upright=True, ax=ax)
ax.set(xlabel="layers × units, and parameters", ylabel="bits per character")
show()

@@WIDTH ASSERTS@@
```

@@WIDTH PROSE@@

### With little text: dropout, or more text?

A larger network can learn by heart. As many updates, but only 50,000 characters, read sixteen times. The learning rate is chosen for each rate of dropout.

**@@DROP CAPTION@@**

```{code-cell}
often = {"gain": 4.0, "characters": 50_000, "times": 16}
small = {
    "no dropout\\n16 times": Trial(2, 62, **often),
    "dropout ¼\\n16 times": Trial(2, 62, dropout=0.25, **often),
    "dropout ½\\n16 times": Trial(2, 62, dropout=0.5, **often),
    "no dropout\\nread once": Trial(2, 62, 4.0),
    "dropout ¼\\nread once": Trial(2, 62, 4.0, 0.25),
}
new = scores_of(small)
own = {name: [run["own"] for run in reported(table, trial)] for name, trial in small.items()}
fig, ax = plt.subplots(figsize=(10, 3.8))
plots.runs(new, own, dict.fromkeys(new, plots.LAYERS[1]), ax=ax)
ax.legend(loc="lower left", bbox_to_anchor=(1.0, 0.6))
show()

@@DROP ASSERTS@@
```

@@DROP PROSE@@

So, is it true? @@VERDICT@@

''')
open(p,'w').write(s)
