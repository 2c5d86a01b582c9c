"""Objects of a text's own classes, in short texts: each expression comes to what Python makes of it."""

import pytest

from cnnviz.networks.source.reading import read
from tests.networks.source.test_reading import HEAD, python, text_of

CASES = {
    "ns": (
        """
from types import SimpleNamespace as N
import argparse
""",
        "(N(a=1)==N(a=1), N(a=1)!=N(a=2), str(N(a=1,b='x')), N(a=1) in [N(a=1)], N(a=2).__dict__)",
    ),
    "argns": (
        """
import argparse
class C(argparse.Namespace):
    n = 3
""",
        "(C(a=1).a, C().n, C(a=1)==C(a=1))",
    ),
    "enum": (
        """
from enum import Enum
class K(Enum):
    A = 'a'
    B = 2
    def twice(self):
        return self.value * 2
    def __str__(self):
        return 'k' + self.name
class J(Enum):
    A = 1
""",
        "(str(K.A), f'{K.B}', str(J.A), repr(J.A), K.B.twice(), {K.A: 1}[K.A], K.A == K.A, K('a') is K.A, f'{J.A}')",
    ),
    "cached": (
        """
from functools import cached_property
class C:
    n = 0
    @cached_property
    def v(self):
        C.n += 1
        return [C.n]
""",
        "(lambda c: (c.v is c.v, c.v, C.n))(C())",
    ),
    "nested attr": (
        """
class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super(AttrDict, self).__init__(*args, **kwargs)
        for k, v in self.items():
            if isinstance(v, dict):
                self[k] = AttrDict(v)
    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__
    __delattr__ = dict.__delitem__
""",
        "AttrDict(a=dict(b=dict(c=4))).a.b.c",
    ),
    "edict": (
        """
class AttrDict(dict):
    def __getattr__(self, k):
        return self[k]
    def __setattr__(self, k, v):
        self[k] = v
    def __delattr__(self, k):
        del self[k]
""",
        "AttrDict(a=3).a",
    ),
    "ordered": (
        """
from collections import OrderedDict
class O(OrderedDict):
    def first(self):
        return next(iter(self.values()))
""",
        "(O([('a',1),('b',2)]).first(), len(O(a=1)), list(O(a=1)), 'a' in O(a=1), O(a=1).pop('a'))",
    ),
    "mod": (
        """
class A:
    def __init__(self, n):
        self.n = n
    def __mod__(self, o):
        return self.n % o
    def __pow__(self, o):
        return self.n ** o
    def __floordiv__(self, o):
        return self.n // o
    def __rsub__(self, o):
        return o - self.n
    def __matmul__(self, o):
        return ('at', o)
    def __and__(self, o):
        return 'and'
    def __invert__(self):
        return 'inv'
    def __lshift__(self, o):
        return A(self.n + o)
""",
        "(A(7) % 4, A(2) ** 3, A(7)//2, 10 - A(3), A(1) @ 2, A(1) & 3, ~A(1), (A(1) << 2 << 3).n)",
    ),
    "iadd list": (
        """
class A:
    def __init__(self):
        self.l = []
    def __iadd__(self, o):
        self.l.append(o)
        return self
def f():
    a = A()
    b = a
    a += 3
    return b.l, a is b
""",
        "f()",
    ),
    "cmp chain": (
        """
class A:
    def __init__(self, n):
        self.n = n
    def __lt__(self, o):
        return self.n < (o.n if isinstance(o, A) else o)
    def __gt__(self, o):
        return self.n > (o.n if isinstance(o, A) else o)
""",
        "(A(1) < A(2) < A(3), A(1) < 5, 5 > A(1), 0 < A(1), sorted([A(3), A(1)])[0].n, min(A(4), A(2)).n)",
    ),
    "eq none": (
        """
class A:
    def __eq__(self, o):
        return o is None
""",
        "(A() == None, A() != None, None == A(), [A()] == [None], A() is None)",
    ),
    "getattr class": (
        """
class A:
    x = 1
    def __getattr__(self, n):
        return n + '?'
    @property
    def y(self):
        return self.z
""",
        "(A().x, A().q, A().y, getattr(A(), 'r', 3), hasattr(A(), 's'))",
    ),
    "setattr valid": (
        """
class A:
    def __init__(self, **kw):
        for k, v in kw.items():
            setattr(self, k, v)
    def __setattr__(self, k, v):
        if k == 'n' and v < 0:
            v = 0
        object.__setattr__(self, k, v)
""",
        "(A(n=-3).n, A(m=-3).m)",
    ),
    "setattr dict": (
        """
class A:
    def __init__(self):
        self.__dict__['data'] = {}
        self.a = 4
    def __setattr__(self, k, v):
        self.data[k] = v
    def __getattr__(self, k):
        try:
            return self.__dict__['data'][k]
        except KeyError as e:
            raise AttributeError(k) from e
""",
        "(A().a, A().data, hasattr(A(), 'b'))",
    ),
    "str in fstr": (
        """
class A:
    def __init__(self, n):
        self.n = n
    def __repr__(self):
        return f'A({self.n})'
    __str__ = __repr__
""",
        "(f'{A(1)} {A(2)!r:>6}', str([A(1), (A(2),)]), '%s %r' % (A(1), A(2)), 'x'.join(map(str, [A(1)])))",
    ),
    "singleton": (
        """
class S:
    _i = None
    def __new__(cls, *a, **k):
        if not cls._i:
            cls._i = object.__new__(cls)
        return cls._i
""",
        "S() is S()",
    ),
    "multi init_subclass": (
        """
class Base:
    reg = []
    def __init_subclass__(cls, /, n=1, **kw):
        super().__init_subclass__(**kw)
        cls.n = n
        Base.reg.append(cls.__name__)
class A(Base, n=3): pass
class B(A): pass
""",
        "(A.n, B.n, Base.reg)",
    ),
    "exit err": (
        """
class T:
    def __enter__(self):
        return 5
    def __exit__(self, *a):
        self.a = a[0] is None
t = T()
def f():
    with t as v:
        return v + 1
""",
        "(f(), t.a)",
    ),
    "callable": (
        """
class T:
    def __call__(self, *a, k=1):
        return len(a) + k
""",
        "(callable(T()), T()(1, 2, k=4), list(map(T(), [1, 2])), (lambda f: f())(T()))",
    ),
    "gen try": (
        """
def g():
    try:
        yield 1
        raise ValueError('x')
    except ValueError:
        yield 2
    finally:
        yield 3
""",
        "(list(g()), dict(enumerate(g())), sum(g()), list(zip(g(), g())), [a for a in g() if a > 1])",
    ),
    "gen class": (
        """
class T:
    def __iter__(self):
        yield from range(3)
    @staticmethod
    def s(n):
        while n:
            n -= 1
            yield n
    @classmethod
    def c(cls):
        yield cls.__name__
""",
        "(list(T()), [*T.s(2)], list(T.c()), 2 in T(), max(T()), set(T()), tuple(reversed([*T()])))",
    ),
    "prop": (
        """
class P:
    def __init__(self):
        self._v = 1
    @property
    def v(self):
        return self._v
    @v.setter
    def v(self, x):
        self._v = x * 2
def f():
    p = P()
    p.v = 4
    p.v += 1
    setattr(p, 'v', p.v + 1)
    return p.v
""",
        "f()",
    ),
    "super prop": (
        """
class A:
    @property
    def v(self):
        return 3
    @staticmethod
    def s(x):
        return x + 1
    @classmethod
    def c(cls):
        return cls.__name__
class B(A):
    @property
    def v(self):
        return super().v + 1
    def s2(self):
        return super().s(4)
    @classmethod
    def c(cls):
        return super().c() + '!'
""",
        "(B().v, B().s2(), B.c(), B().c())",
    ),
    "contains str": (
        """
class W:
    def __contains__(self, k):
        return k.startswith('a')
""",
        "('abc' in W(), 'b' in W(), 'b' not in W())",
    ),
    "isinstance abc": (
        """
from collections.abc import Iterable, Sized, Callable
class W:
    def __iter__(self):
        return iter([1])
    def __len__(self):
        return 1
""",
        "(isinstance(W(), Iterable), isinstance(W(), Sized), isinstance(W(), Callable))",
    ),
    "datac eq in mod": (
        """
from dataclasses import dataclass
@dataclass
class A:
    a: int
    b: 'int' = 2
@dataclass
class B(A):
    b: int = 5
    c: int = 6
    def __post_init__(self):
        self.a += 1
""",
        "(A(1), B(1)) == (A(1, 2), B(1, 5, 6)) and str(B(1)) + str(A(a=3)) + str(A(1) == B(1))",
    ),
    "datac inherit init": (
        """
from dataclasses import dataclass
class A:
    def __init__(self, z):
        self.z = z
@dataclass
class B(A):
    q: int
    def __post_init__(self):
        super().__init__(self.q * 2)
""",
        "(B(3).z, B(q=4).q)",
    ),
    "ell": (
        """

""",
        "(Ellipsis is ..., torch.zeros(2, 3)[Ellipsis, 0].shape)",
    ),
    "hash": (
        """
class H:
    def __init__(self, n):
        self.n = n
    def __hash__(self):
        return hash_of(self.n)
    def __eq__(self, o):
        return self.n == o.n
def hash_of(n):
    return n
""",
        "(len({H(1), H(1), H(2)}), {H(1): 'a'}.get(H(1)))",
    ),
    "missing enum": (
        """
class R:
    def __init__(self):
        self._d = {}
    def register(self, n):
        def deco(c):
            self._d[n] = c
            return c
        return deco
    def __getitem__(self, n):
        return self._d[n]
    def __contains__(self, n):
        return n in self._d
    def __iter__(self):
        return iter(self._d)
    def __len__(self):
        return len(self._d)
R1 = R()
@R1.register('a')
class A:
    n = 4
""",
        "(R1['a'].n, 'a' in R1, list(R1), len(R1), 'b' in R1, bool(R1))",
    ),
    "while bool": (
        """
class Q:
    def __init__(self):
        self.l = [1, 2, 3]
    def __bool__(self):
        return len(self.l) > 0
    def pop(self):
        return self.l.pop()
def f():
    q = Q()
    s = 0
    while q:
        s += q.pop()
    return s
""",
        "f()",
    ),
    "and/or": (
        """
class Z:
    def __len__(self):
        return 0
""",
        "(Z() and 3) is not 3, (Z() or 4), not Z(), [1 for z in [Z()] if z], any([Z()]), all([Z(), 1])",
    ),
    "bool fn": (
        """
class Z:
    def __len__(self):
        return 0
""",
        "bool(Z()), bool([Z()]), int(bool(Z()))",
    ),
    "minmax key": (
        """
class V:
    def __init__(self, n):
        self.n = n
    def __lt__(self, o):
        return self.n < o.n
    def __repr__(self):
        return f'V{self.n}'
""",
        "str(min(V(3), V(2))), str(sorted([V(3), V(1)], reverse=True)), max([V(1), V(7)], key=lambda v: v.n).n",
    ),
    "list ops": (
        """
class V:
    def __init__(self, n):
        self.n = n
    def __eq__(self, o):
        return isinstance(o, V) and self.n == o.n
def f():
    l = [V(1), V(2), V(1)]
    l.remove(V(2))
    return l.count(V(1)), l.index(V(1)), V(2) in l, l == [V(1), V(1)], (V(1),) == (V(1),), {'a': V(1)} == {'a': V(1)}
""",
        "f()",
    ),
    "format spec": (
        """
class V:
    def __format__(self, s):
        return 'f' + s
    def __str__(self):
        return 's'
""",
        "f'{V()}', f'{V():>3}', '{:x}'.format(V()), str(V()), f'{V()!s:>3}', '%s' % V()",
    ),
    "metaprop": (
        """
class V:
    __slots__ = ('a',)
    n = 0
    def __init__(self, a):
        self.a = a
        V.n += 1
    @classmethod
    def make(cls, *a):
        return cls(*a)
    @staticmethod
    def two():
        return 2
""",
        "V.make(3).a, V.two(), V(1).two(), V.n",
    ),
    "dict sub iter": (
        """
class D(dict):
    def __iter__(self):
        return iter(sorted(self.keys()))
    def __len__(self):
        return 9
    def __contains__(self, k):
        return True
    def get(self, k, d=None):
        return 'got'
""",
        "[k for k in D(b=1, a=2)], len(D()), 'zz' in D(), D().get('a'), list(D(b=1, a=3))",
    ),
    "dict sub items": (
        """
class D(dict):
    def __getitem__(self, k):
        return super().__getitem__(k) * 2
""",
        "D(a=2)['a'], D(a=2).get('a'), list(D(a=2).values()), sum(D(a=2)[k] for k in D(a=2))",
    ),
    "dict methods": (
        """
class D(dict):
    def twice(self):
        return {k: v * 2 for k, v in self.items()}
    def __setitem__(self, k, v):
        super().__setitem__(k.lower(), v)
def f():
    d = D()
    d['A'] = 1
    d.update(B=2)
    d.setdefault('C', 3)
    return dict(d), d.twice(), d.pop('a'), d.copy(), {**d}
""",
        "f()",
    ),
    "ns eq": (
        """
from types import SimpleNamespace
class C(SimpleNamespace):
    def __init__(self, **k):
        k.setdefault('n', 3)
        super().__init__(**k)
    def __getattr__(self, k):
        return None
""",
        "C(a=1).n, C().zz, C(a=1) == C(a=1), hasattr(C(), 'q')",
    ),
    "generator next": (
        """
def g():
    yield 1
    yield 2
def f():
    it = g()
    a = next(it)
    return a, next(it), next(it, None), list(it)
""",
        "f()",
    ),
    "gen pass": (
        """
def ch(n):
    c = 4
    for _ in range(n):
        yield c, c * 2
        c *= 2
""",
        "[a + b for a, b in ch(3)], dict(ch(2)), list(zip(*ch(2))), len(list(ch(4))), [x for p in ch(2) for x in p]",
    ),
    "dataclass hash": (
        """
from dataclasses import dataclass
@dataclass(eq=True, frozen=True)
class K:
    a: int
@dataclass(unsafe_hash=True)
class U:
    a: int
""",
        "{K(1): 2}[K(1)], len({K(1), K(1)})",
    ),
    "dataclass order": (
        """
from dataclasses import dataclass, field
@dataclass(order=True)
class K:
    pr: int
    v: str = field(compare=False)
""",
        "max([K(1, 'a'), K(3, 'b')]).v, K(1, 'x') == K(1, 'y'), sorted([K(2, 'a'), K(1, 'b')])[0].v",
    ),
    "dataclass defaults class attr": (
        """
from dataclasses import dataclass
@dataclass
class K:
    a: int = 3
    def __post_init__(self):
        if self.a is None:
            self.a = 8
class L(K):
    a = 5
""",
        "K(None).a, K.a, L().a, L(a=2).a",
    ),
    "super eq": (
        """
class A:
    def __init__(self, n):
        self.n = n
    def __eq__(self, o):
        return self.n == o.n
class B(A):
    def __eq__(self, o):
        return super().__eq__(o) and True
""",
        "B(1) == B(1), B(1) == B(2), A(1) == B(1)",
    ),
    "radd sum": (
        """
class A:
    def __init__(self, n):
        self.n = n
    def __add__(self, o):
        return A(self.n + (o.n if isinstance(o, A) else o))
    def __radd__(self, o):
        return self + o
""",
        "sum([A(1), A(2), A(3)]).n, (1 + A(2)).n",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_object_is_what_python_makes_of_it(case):
    above, expression = CASES[case]
    text = above + text_of("return x", f"self.said = {expression}")
    assert str(read(HEAD + text, "Net").build().said) == str(python(text).said)
