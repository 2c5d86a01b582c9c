"""Texts that want more than a network: each has to give a sentence or a network, within bounds."""

_NET = """
import torch
import torch.nn as nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        {init}
    def forward(self, x):
        {forward}
        return self.fc(x)
"""


def net(init: str = "pass", forward: str = "pass", above: str = "") -> str:
    """A class with lines of one's own."""
    indented = [part.replace("\n", "\n        ") for part in (init, forward)]
    return above + _NET.format(init=indented[0], forward=indented[1])


_RECORD = "from dataclasses import asdict, dataclass\n@dataclass\nclass P:\n    x: object\n    y: object = None\n"
_LOOK = "    def look(self, m, x, y):\n        {}\n    def forward"
REFUSED = {  # what may never be read
    "class of an object": net(init="self.c = ().__class__"),
    "subclasses": net(init="self.c = nn.Module.__subclasses__()"),
    "globals": net(init="self.c = nn.Conv2d.__init__.__globals__"),
    "dunder import": net(init="__import__('os').system('id')"),
    "exec": net(init="exec('1')"),
    "eval": net(init="eval('1')"),
    "compile": net(init="compile('1', '', 'exec')"),
    "open": net(init="open('/etc/passwd').read()"),
    "from os": net(init="system('id')", above="from os import system\n"),
    "subprocess inside": net(init="import subprocess\nsubprocess.run(['id'])"),
    "getattr of a dunder": net(init="getattr(self, '__class__').__bases__"),
    "getattr of globals": net(init="getattr(self.forward, '__globals__')"),
    "setattr of a dunder": net(init="setattr(self, '__class__', nn.Linear)"),
    "torch.load": net(init="torch.load('x')"),
    "torch.save": net(init="torch.save(self, '/tmp/x')"),
    "torch.hub": net(init="torch.hub.load('a', 'b')"),
    "torch.ops": net(init="torch.ops.load_library('x')"),
    "torch.classes": net(init="torch.classes.load_library('x')"),
    "torch.jit": net(init="torch.jit.load('x')"),
    "torch.utils": net(init="torch.utils.cpp_extension.load('x', ['y'])"),
    "torch.serialization": net(init="torch.serialization.load('x')"),
    "torch from nn": net(init="nn.modules.conv.torch.load('x')"),
    "to a file": net(forward="x.numpy().tofile('/tmp/x')"),
    "from a file": net(init="torch.from_file('/etc/passwd')"),
    "storage": net(forward="x.untyped_storage()"),
    "hook": net(init="self.register_forward_hook(print)"),
    "tensor hook": net(forward="x.register_hook(print)"),
    "dict of a network": net(init="self.__dict__['_modules'] = {}"),
    "inner modules": net(init="self._modules = {}"),
    "inner text": net(init="self._text = None"),
    "inner forward": net(init="self.forward = print"),
    "metaclass": "import torch.nn as nn\nclass M(type): pass\nclass Net(nn.Module, metaclass=M):\n    pass\nNet()",
    "class decorator": "import torch.nn as nn\n@print\nclass Net(nn.Module):\n    def forward(self, x): return x\nNet()",
    "decorator": net(above="import functools\n").replace("    def forward", "    @eval\n    def forward"),
    "generator": net(forward="yield x"),
    "await": net().replace("def forward", "async def forward"),
    "format of a class": net(init="self.s = '{0.__class__}'.format(self)"),
    "format of globals": net(init="self.s = '{.forward.__globals__}'.format(self)"),
    "format width": net(init="self.s = f'{1:1000000000}'"),
    "percent width": net(init="self.s = '%1000000000d' % 1"),
    "percent": net(init="self.s = '%s' % self"),
    "percent of a name": net(init="self.s = '%(__class__)s' % {'a': 1}"),
    "namedtuple of Python's": net(
        init="P = namedtuple('P', ['__class__'])", above="from collections import namedtuple\n"
    ),
    "items of os": net(init="os.environ.items()", above="import os\n"),
    "attrgetter": net(init="operator.attrgetter('__class__')(self)", above="import operator\n"),
    "methodcaller": net(init="operator.methodcaller('numpy')(self)", above="import operator\n"),
    "reduce of getattr": net(
        init="functools.reduce(getattr, ['forward', '__globals__'], self)", above="import functools\n"
    ),
    "dict of an object": net(init="copy.copy(self).__dict__", above="import copy\n"),
    "hook that gives": net(init="self.fc.register_forward_hook(lambda m, x, y: y * 2)"),
    "hook of torch": net(init="self.fc.register_forward_pre_hook(F.relu)"),
    "class by object": net(init="self.s = object.__getattribute__(self, '__class__')"),
    "class set by object": net(init="object.__setattr__(self, '__class__', nn.Linear)"),
    "text set by object": net(init="object.__setattr__(self, '_text', None)"),
    "modules by a dictionary": net(init="self.__dict__.update({'_modules': {}})"),
    "text by a dictionary": net(init="self.__dict__.update(_text=None)"),
    "class by a dictionary": net(init="self.__dict__.update({'__class__': nn.Linear})"),
    "reduce of an object": net(init="self.s = self.__reduce__()"),
    "new of Python's": net(init="self.s = object.__new__(int)"),
    "globals by getattr": net(above="class A:\n    def __getattr__(self, n): return n\n", init="A().__globals__"),
    "deleted modules": net(init="del self._modules"),
    "deleted class": net(init="del self.__class__"),
    "extension": net(init="from torch.utils import cpp_extension\ncpp_extension.load('x', ['y'])"),
    "jit of a file": net(init="from torch.jit import load\nload('x')"),
    "type of three": net(init="type('X', (), {})"),
    "vars": net(init="vars(self)"),
    "globals function": net(init="globals()"),
    "breakpoint": net(init="breakpoint()"),
    "input": net(init="input()"),
    "bytes": net(init="self.b = b'x' * 10"),
    "name of Python's": net(init="__builtins__ = 1"),
    "nonlocal of all texts": net(init="def f():\n    nonlocal print\n    print = 5\nf()"),
    "match of a class": net(init="match self:\n    case object(x=1): pass\n    case _: pass"),
    "from numpy": net(init="load('x')", above="from numpy import load\n"),
    "pickle": net(init="pickle.loads(b'')", above="import pickle\n"),
    "no super": "import torch.nn as nn\nclass Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(1, 1)\n    def forward(self, x): return x\nNet()",
}

SENSELESS = {  # what is refused for its own sake: a file with it would do no more than stop
    "modules that are remembered": net(init="self._parameters").replace(
        "    def forward", "    @functools.cached_property\n    def _parameters(self): return 5\n    def forward"
    ),
    "a parameter's own": net(init="self.parameters = [1]"),
    "kind of torch": net(init="isinstance(self, torch.nn)"),
    "namedtuple of words": net(
        init="P = namedtuple('P', 'a); import os; (')", above="from collections import namedtuple\n"
    ),
    "namespace of Python's": net(init="s = SimpleNamespace(__class__=1)", above="from types import SimpleNamespace\n"),
    "percent of a function": net(init="self.s = '%s' % self.forward"),
    "percent precision": net(init="self.s = '%.99999999f' % 1"),
    "percent star": net(init="self.s = '%*d' % (99999999, 1)"),
    "setter of torch": net(init="self.to = 1"),
}

LARGE = {  # what is weightless where a text is followed, and would fill a machine where it is trained
    "zeros in forward": net(forward="s = [torch.zeros(9999999) for i in range(100)]"),
    "sums of them": net(forward="t = torch.zeros(9999999)\ns = [t + i for i in range(100)]"),
    "sums of a buffer": net(
        init="self.register_buffer('b', torch.zeros(9999999))", forward="s = [self.b + i for i in range(100)]"
    ),
    "sums within a layer of its own": net(
        above="import torch.nn as nn\nclass In(nn.Module):\n    def forward(self, t):\n"
        "        s = [t + i for i in range(100)]\n        return t\n",
        init="self.inner = In()",
        forward="t = self.inner(torch.zeros(9999999))",
    ),
    "layers in a list": net(init="self.l = [nn.Linear(40000, 1000) for i in range(9)]"),
    "layers that nobody keeps": net(init="for i in range(9): nn.Linear(40000, 1000)"),
}

HEAVY = {  # what would take long or much
    "equality of records": net(
        above=_RECORD, init="a, b = P(1), P(1)\nfor i in range(40): a, b = P(a, a), P(b, b)\nself.s = a == b"
    ),
    "words of records": net(above=_RECORD, init="a = P(1)\nfor i in range(40): a = P(a, a)\nself.s = str(a)"),
    "records as dictionaries": net(above=_RECORD, init="a = P(1)\nfor i in range(40): a = P(a, a)\nasdict(a)"),
    "a record of itself": net(above=_RECORD, init="a = P(1)\na.x = a\nself.s = [str(a), a == a, asdict(a)]"),
    "order of objects": net(
        above="class A:\n    def __lt__(self, o): return True\n", init="self.s = sorted([A() for i in range(9000)])"
    ),
    "keys that clash": net(
        above="class A:\n    def __hash__(self): return 1\n    def __eq__(self, o): return False\n",
        init="self.s = {A() for i in range(9000)}",
    ),
    "true by itself": net(above="class A:\n    def __bool__(self): return self\n", init="self.s = [not A(), [A()]]"),
    "attributes of themselves": net(
        above="class A:\n    def __getattr__(self, n): return getattr(self, n + n)\n", init="self.s = A().x"
    ),
    "values without an end": net(init="def f():\n    while True: yield 1\nself.s = f()"),
    "values of themselves": net(init="def f():\n    yield from f()\nself.s = f()"),
    "a hook without an end": net(init="self.fc.register_forward_hook(self.look)").replace(
        "    def forward", _LOOK.format("while True: self.kept = y")
    ),
    "a hook that calls": net(init="self.register_forward_hook(self.look)").replace(
        "    def forward", _LOOK.format("self.kept = self(x[0])")
    ),
    "classes of classes": net(
        above="class A:\n    def __init_subclass__(cls):\n        class B(A): pass\n", init="class C(A): pass"
    ),
    "while True": net(init="while True: pass"),
    "while in forward": net(forward="while True: x = x + 1"),
    "long loop": net(init="for i in range(9999):\n    for j in range(9999): pass"),
    "long range": net(init="self.s = sum(range(10**9))"),
    "recursion": net(init="f = lambda n: f(n + 1)\nf(0)"),
    "a class that makes itself": net(init="self.again = Net()"),
    "forward calls itself": net(forward="x = self(x)"),
    "mutual": "def f(): return g()\ndef g(): return f()\n" + net(init="f()"),
    "deep brackets": "x = " + "(" * 3000 + "1" + ")" * 3000 + net(),
    "deep lists": "x = " + "[" * 80 + "]" * 80 + net(),
    "long sum": "x = " + " + ".join(["1"] * 5000) + net(),
    "unary chain": "x = " + "-" * 5000 + "1" + net(),
    "attribute chain": net(init="self" + ".fc" * 3000),
    "power": net(init="self.n = 10 ** 10 ** 10"),
    "powers": net(init="n = 2\nfor i in range(100): n = n ** 60"),
    "large number": net(init="n = 9\nfor i in range(1000): n = n * n"),
    "digits": net(init="n = int('9' * 5000)"),
    "long word": net(init="s = 'x' * 10**9"),
    "doubled word": net(init="s = 'x'\nfor i in range(60): s = s + s"),
    "joined words": net(init="s = ('x' * 9999).join(['y' * 9999] * 9999)"),
    "replaced": net(init="s = ('x' * 9999).replace('x', 'y' * 9999)"),
    "long list": net(init="s = [0] * 10**9"),
    "doubled list": net(init="s = [0]\nfor i in range(60): s = s + s"),
    "appended for ever": net(init="s = []\nwhile True: s.append(0)"),
    "extended by itself": net(init="s = [0]\nfor i in range(60): s.extend(s)"),
    "nested lists compared": net(init="a = []\nb = []\nfor i in range(60):\n    a = [a, a]\n    b = [b, b]\na == b"),
    "nested tuples as a key": net(init="a = ()\nfor i in range(60): a = (a, a)\nd = {a: 1}"),
    "nested lists printed": net(init="a = [0]\nfor i in range(60): a = [a, a]\ns = f'{a}'"),
    "nested lists sorted": net(init="a = [0]\nfor i in range(60): a = [a, a]\nsorted([a, a])"),
    "nested lists to torch": net(forward="a = [x]\nfor i in range(60): a = [a, a]\ntorch.cat(a)"),
    "nested lists to a layer": net(forward="a = [x]\nfor i in range(60): a = [a, a]\nself.fc(a)"),
    "nested lists as a tensor": net(init="a = [0]\nfor i in range(40): a = [a, a]\ntorch.tensor(a)"),
    "list within itself": net(init="a = []\na.append(a)\na == a\nstr(a)"),
    "comprehension": net(init="s = [i for i in range(9999) for j in range(9999)]"),
    "huge layer": net(init="self.big = nn.Linear(10**9, 10**9)"),
    "huge convolution": net(init="self.big = nn.Conv2d(10**6, 10**6, 1000)"),
    "many layers": net(init="self.l = nn.ModuleList([nn.Linear(9, 9) for i in range(9999)])"),
    "layers of layers": net(
        init="s = nn.ReLU()\nfor i in range(40): s = nn.Sequential(s, s)\nself.s = s", forward="x = self.s(x)"
    ),
    "rows of rows": net(
        init="s = nn.Sequential(*[nn.ReLU()] * 9999)\nself.s = nn.Sequential(*[s] * 9999)", forward="x = self.s(x)"
    ),
    "a row in itself": net(init="s = nn.Sequential(nn.ReLU())\ns.append(s)\nself.s = s", forward="x = self.s(x)"),
    "a network in itself": net(init="self.me = self"),
    "many LSTMs": net(init="self.big = nn.LSTM(4, 4, 10**8)"),
    "many LSTMs by name": net(init="self.big = nn.LSTM(4, 4, num_layers=10**8)"),
    "many encoders": net(init="self.e = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2), 10**7)"),
    "many encoders by name": net(
        init="self.e = nn.TransformerEncoder(encoder_layer=nn.TransformerEncoderLayer(4, 2), num_layers=10**7)"
    ),
    "a transformer": net(init="self.e = nn.Transformer(4, 2, 10**7, 10**7)"),
    "large buffer": net(init="self.register_buffer('b', torch.zeros(10**9))"),
    "large zeros": net(forward="x = x + torch.zeros(10**5, 10**5).sum()"),
    "many zeros": net(init="self.z = [torch.zeros(9999999) for i in range(5000)]"),
    "large eye": net(init="self.e = torch.eye(10**6)"),
    "fine range": net(init="self.r = torch.arange(0, 1, 1e-12)"),
    "fine range by name": net(init="self.r = torch.arange(start=0, end=10**9)"),
    "repeated": net(init="self.r = torch.ones(9999999).repeat(9999)"),
    "tiled": net(init="self.r = torch.ones(9999999).tile((9999,))"),
    "outer": net(init="self.r = torch.outer(torch.ones(9999999), torch.ones(9999999))"),
    "grown by itself": net(init="t = torch.ones(10)\nfor i in range(60): t = torch.cat([t, t])"),
    "padded": net(init="self.r = F.pad(torch.ones(1, 1), (10**8, 10**8))"),
    "interpolated": net(init="self.r = F.interpolate(torch.ones(1, 1, 9, 9), size=(99999, 99999))"),
    "one hot": net(init="self.r = F.one_hot(torch.zeros(9999, dtype=torch.long), 10**6)"),
    "full": net(init="self.r = torch.full((10**9,), 1.0)"),
    "random": net(init="self.r = torch.randn(size=(10**5, 10**5))"),
    "linspace": net(init="self.r = torch.linspace(0, 1, steps=10**9)"),
    "new": net(forward="x = x + x.new_zeros(10**5, 10**5).sum()"),
    "meshgrid": net(init="self.r = torch.meshgrid(torch.arange(99999), torch.arange(99999))"),
    "long names": "a" * 90_000 + " = 1" + net(),
    "many statements": "x = 1\n" * 9_000 + net(),
    "many classes": "".join(f"class C{i}: pass\n" for i in range(3000)) + net(),
    "shifted far": net(init="n = 1 << 10**9"),
    "shifts": net(init="n = 3\nfor i in range(1000): n = n << 60"),
    "percent of long words": net(init="s = '%s' * 3000 % (('x' * 9999,) * 3000)"),
    "percent of nested lists": net(init="a = [0]\nfor i in range(60): a = [a, a]\ns = '%s' % (a,)"),
    "a word of a deep list": net(init="a = []\nfor i in range(9000): a = [a]\ns = str(a)"),
    "sorted by itself": net(init="f = lambda one: sorted([1, 2], key=f)\nf(1)"),
    "sorted often": net(init="for i in range(9999): sorted(range(9999), key=lambda one: -one)"),
    "the largest often": net(init="for i in range(9999): max(range(9999), key=abs)"),
    "mapped often": net(init="for i in range(9999): list(map(str, range(9999)))"),
    "a reduction that grows": net(
        init="functools.reduce(lambda a, b: a + a, range(9999), [1])", above="import functools\n"
    ),
    "a reduction of powers": net(
        init="functools.reduce(lambda a, b: a * a, range(9999), 3)", above="import functools\n"
    ),
    "a large product": net(init="list(itertools.product(range(9999), repeat=8))", above="import itertools\n"),
    "a product of products": net(init="itertools.product(*[range(9)] * 900)", above="import itertools\n"),
    "repeated for ever": net(init="list(itertools.repeat(1, 10**9))", above="import itertools\n"),
    "chained with itself": net(
        init="a = [1]\nfor i in range(60): a = itertools.chain(a, a)", above="import itertools\n"
    ),
    "an object that calls itself": net(above="class C:\n    def __call__(self): return self()\n", init="C()()"),
    "an object that goes through itself": net(
        above="class C:\n    def __iter__(self): return self\n", init="for one in C(): pass"
    ),
    "two that go through one another": net(
        above="class C:\n    def __iter__(self): return iter(D())\nclass D:\n    def __iter__(self): return iter(C())\n",
        init="list(C())",
    ),
    "an object as long as itself": net(above="class C:\n    def __len__(self): return len(self)\n", init="len(C())"),
    "an object at itself": net(above="class C:\n    def __getitem__(self, i): return self[i]\n", init="C()[0]"),
    "a setter that sets itself": net(
        above="class C:\n    @property\n    def a(self): return self.a\n    @a.setter\n    def a(self, v): self.a = v\n",
        init="C().a = 1",
    ),
    "a default that asks itself": net(
        init="d = defaultdict(lambda: d[0])\nd[0]", above="from collections import defaultdict\n"
    ),
    "copies of copies": net(
        init="s = nn.Linear(9, 9)\nfor i in range(40): s = nn.Sequential(s, copy.deepcopy(s))\nself.s = s",
        above="import copy\n",
    ),
    "copied lists of lists": net(
        init="a = [0]\nfor i in range(60): a = [a, a]\nb = copy.deepcopy(a)", above="import copy\n"
    ),
    "a deep list is copied": net(
        init="a = []\nfor i in range(9000): a = [a]\nb = copy.deepcopy(a)", above="import copy\n"
    ),
    "copied in forward": net(forward="for i in range(9999): y = copy.deepcopy(self.fc)", above="import copy\n"),
    "large copies": net(
        init="b = nn.Linear(9999, 9999)\nself.l = nn.ModuleList([copy.deepcopy(b) for i in range(1900)])",
        above="import copy\n",
    ),
    "json within json": net(init="json.loads('[' * 9000 + ']' * 9000)", above="import json\n"),
    "a large LongTensor": net(init="self.t = torch.LongTensor(10**5, 10**5)"),
    "large tensors of lists": net(init="a = [0.0] * 9999\nfor i in range(9999): t = torch.FloatTensor(a)"),
    "a large new": net(forward="y = x.new(10**5, 10**5)"),
    "shadows": net(init="t = torch.ones(100, 100)\nfor i in range(99999): t = t @ t"),
    "large shadows": net(init="t = torch.arange(9999)\nfor i in range(9999): t.tolist()"),
    "grown in place": net(init="t = torch.ones(1)\nfor i in range(99999): t += t"),
    "begun anew": net(init="b = nn.Linear(9999, 9999)\nwhile True: b.reset_parameters()"),
    "a row of itself": net(init="s = nn.Sequential(nn.ReLU())\nfor i in range(60): s = s + s\nself.s = s"),
    "extended rows": net(init="s = nn.ModuleList([nn.ReLU()])\nfor i in range(60): s += s\nself.s = s"),
    "names of words": net(init="P = namedtuple('P', 'a ' * 5000)", above="from collections import namedtuple\n"),
    "lists handed to a network": net(
        above="import torch.nn as nn\nclass In(nn.Module):\n    def forward(self, t): return 1\n",
        init="self.inner = In()",
        forward="a = [x]\nfor i in range(60): a = [a, a]\nself.inner(a)",
    ),
    "orthogonal": net(init="nn.init.orthogonal_(torch.zeros(3000, 3000))"),
    "rounded to many digits": net(init="round(5, -10**9)"),
    "a deep key": net(
        init="t = ()\nfor i in range(1800): t = (" + "(" * 90 + "t" + ",)" * 90 + ",)\nd = {}\nd.get(t)\nd[t] = 1"
    ),
    **{
        f"a doubled tuple in {use}": net(init=f"t = 0, 0\nd = {{}}\nfor i in range(40): t = t, t\n{use}")
        for use in (
            *("d[t]", "d[t] = 1", "{t: 1 for i in [0]}", "{t for i in [0]}", "dict([(t, 1)])", "d.get(t)"),
            *("set().add(t)", "[t].index(0)", "isinstance(1, t)", "slice(t) == slice(t)"),
        )
    },
    "doubled lists are looked for": net(
        init="a = [0]\nb = [0]\nfor i in range(40):\n    a = [a, a]\n    b = [b, b]\n[a].index(b)"
    ),
    "doubled partials": net(
        above="from functools import partial\n",
        init="p = q = 0\nfor i in range(40):\n    p = partial(print, p, p)\n    q = partial(print, q, q)\np == q",
    ),
    "a list of itself": net(init="a = [0]\na[0] = a\na *= 10000\na == 0"),
    **{
        f"doubled layers in {use}": net(
            init=f"n = nn.Identity()\nt = torch.zeros(1)\nfor i in range(35): n = nn.Sequential(n, n)\n{use}"
        )
        for use in (
            *("n(1)", "n(input=t)", "n.forward(t)", "nn.Sequential.forward(n, t)"),
            *("n.eval()", "n.state_dict()", "n.apply(print)"),
        )
    },
    "clones of clones": net(init="d = nn.Identity()\nfor i in range(5): d = nn.TransformerDecoder(d, 64)\nself.d = d"),
    **{
        f"many parts by {use}": net(init=f"torch.zeros(9999999).{use}")
        for use in ("split(1)", "unbind(0)", "chunk(9999999)", "tensor_split(9999999)")
    },
    "classes above classes": "class A0: pass\nclass B0: pass\n"
    + "".join(f"class A{i}(A{i - 1}, B{i - 1}): pass\nclass B{i}(A{i - 1}, B{i - 1}): pass\n" for i in range(1, 40))
    + net(),
    "doubled lists are given back": net(
        above="import torch.nn as nn\nclass A(nn.Module):\n    def forward(self, t):\n        a = [t]\n"
        "        for i in range(40): a = [a, a]\n        return a\n",
        init="self.inner = A()",
        forward="y = self.inner(x)",
    ),
    "doubled lists are kept": net(init="a = [0]\nfor i in range(40): a = [a, a]\nself.a = a"),
    "long lists are compared often": net(
        init="a = list(range(9000))\nfor i in range(9999): a == a, -1 in a, any(a), dict(zip(a, a))"
    ),
    **{
        f"doubled lists given, then {what}": net(above="").replace("__init__(self)", "__init__(self, k)")
        + f"a = [0]\nb = [0]\nfor i in range(40): a, b = [a, a], [b, b]\nmodel = Net(a)\na = {what}\n"
        for what in ("0", "b")
    },
    "long words of JSON": net(
        above="import json\n", init="s = '[' + '1,' * 4000 + '1]'\nfor i in range(9999): json.loads(s)"
    ),
    "long lists are copied": net(
        above="import copy\n", init="a = list(range(9000))\nfor i in range(9999): copy.deepcopy(a)"
    ),
    "many names are unknown": "".join(f"def f{i}(): pass\n" for i in range(3000))
    + "".join(f"g{i}\n" for i in range(3000))
    + net(),
    "many statements in a line": "zz;" * 20_000 + "\n" + net(),
    "a fence of spaces": "```" + " " * 30_000 + "`\n" + net(),
    "a line of spaces": "Some words of prose.\n" + " " * 90_000 + "x y\n" + net(),
    "a branch of spaces": "Some words of prose.\n    x = 1\nelif" + " " * 60_000 + "x\n" + net(),
    "a printed line of spaces": "# Net(\n#   (fc): Linear(in_features=4, out_features=2, bias=True)\n#"
    + " " * 90_000
    + "x\n# )\n",
    "digits of a summary": "Layer (type) Output Shape Param #\ndense (Dense) (None, " + "1" * 60 + "x 10",
    "more digits of a summary": "Layer (type) Output Shape Param #\ndense (Dense) (None, 1 10\n  " + "1" * 60 + "x",
}

ASIDE = {  # what is passed over beside a network, and never carried out or written into a file
    "load_state_dict": net(init="self.load_state_dict({})"),
    "os": net(init="os.system('id')", above="import os\n"),
    "path of os": net(init="self.p = os.path.exists('/etc/passwd')", above="import os\n"),
    "popen of os": net(init="os.popen('id')", above="import os\n"),
    "numpy file": net(init="np.load('x')", above="import numpy as np\n"),
}
FINE = {  # what looks odd and is a network
    "global": net(init="global torch, print\nprint = 5"),
    "match": net(init="match [1, 'a']:\n    case [1, 'b' | 'a']: pass"),
    "walrus": net(forward="if (n := x.size(0)) > 0: x = x * n"),
    "shadowed print": net(init="print = 5\nself.n = print"),
    "shadowed module": "nn = 5\n" + net(),
    "name of a namespace": net(init="F = 3\nself.n = F"),
    "private attribute": net(init="self._hidden = 3\nself.n = self._hidden"),
    "star": net(init="a, *b = [1, 2, 3]\nself.n = sum(b)"),
    "slices": net(forward="x = x[..., :4]"),
    "printed nonsense": net(init="print('%d' % self, [].x, *3)"),
    "own kinds": net(init="self.type = 'a'\nself.half = 4\nassert type(self.type) == str and self.half == 4"),
    "words with percent": net(init="for i in range(3): self.add_module('fc%d' % i, nn.Linear(4, 4))"),
    "unused nonsense": net() + "\nimport os\nos.system('id')\nopen('x')\nfor x in loader: x.backward()\n",
}
