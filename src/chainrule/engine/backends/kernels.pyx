# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The passes over batches, compiled: gather, forward, loss, backward, step, without Python's lock.

It does what :mod:`chainrule.engine.network` and :mod:`chainrule.training.loop` do, in the same
order, on the same vectors. Matrix products are SciPy's BLAS; the rest is ``arithmetic.h``.

Several workers may share a batch. Each takes some of its rows through the network and back to the
first layer; when all have, each takes some of the weights, their gradient over all rows, and their
step. For that it reads what others have made of their rows. Where the network is smaller than that,
each finds the gradient of its own rows first, and these are added up. Either way the result depends
on the number of workers by rounding alone.

:mod:`~chainrule.engine.backends.compiled` makes a :class:`Network` or a :class:`Training` and checks
what goes into it: nothing here looks at a shape or a dtype again.
"""

from cpython.buffer cimport Py_buffer, PyBUF_STRIDES, PyBuffer_Release, PyObject_GetBuffer
from cpython.pycapsule cimport PyCapsule_GetPointer
from cpython.pythread cimport (
    WAIT_LOCK,
    PyThread_acquire_lock,
    PyThread_allocate_lock,
    PyThread_free_lock,
    PyThread_type_lock,
)
from libc.math cimport INFINITY, isfinite, pow, sqrt
from libc.stdint cimport uint32_t, uint64_t
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport dgemm, sgemm

import numpy as np

from chainrule.engine.memory import aligned

ctypedef fused real:
    float
    double

cdef extern from "arithmetic.h" nogil:
    int ADAM, FLOAT32, FLOAT64, IDENTITY, LION, SOFTMAX
    struct step:
        double l1, l2, clip, shrink, decay, rate, beta_1, beta_2, epsilon
    double product(double, double)
    void activate_f(int, float*, const float*, float*, Py_ssize_t, Py_ssize_t, float)
    void activate_d(int, double*, const double*, double*, Py_ssize_t, Py_ssize_t, double)
    void derive_f(int, const float*, const float*, float*, Py_ssize_t, float)
    void derive_d(int, const double*, const double*, double*, Py_ssize_t, double)
    void outer_f(const float*, const float*, float*, Py_ssize_t, Py_ssize_t)
    void outer_d(const double*, const double*, double*, Py_ssize_t, Py_ssize_t)
    void add_f(float*, const float*, Py_ssize_t)
    void add_d(double*, const double*, Py_ssize_t)
    void multiply_f(float*, const float*, Py_ssize_t)
    void multiply_d(double*, const double*, Py_ssize_t)
    void drop_f(const float*, float*, float*, Py_ssize_t, float, float)
    void drop_d(const double*, double*, double*, Py_ssize_t, double, double)
    void exponential_f(const float*, float*, Py_ssize_t)
    void exponential_d(const double*, double*, Py_ssize_t)
    void sum_rows_f(const float*, float*, Py_ssize_t, Py_ssize_t)
    void sum_rows_d(const double*, double*, Py_ssize_t, Py_ssize_t)
    void gather_f(const void*, int, const Py_ssize_t*, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                  const double*, const double*, float, float*)
    void gather_d(const void*, int, const Py_ssize_t*, Py_ssize_t, Py_ssize_t, Py_ssize_t,
                  const double*, const double*, double, double*)
    void gather_sparse_f(const void*, int, const void*, const void*, int, const Py_ssize_t*,
                         Py_ssize_t, Py_ssize_t, Py_ssize_t, float, float*)
    void gather_sparse_d(const void*, int, const void*, const void*, int, const Py_ssize_t*,
                         Py_ssize_t, Py_ssize_t, Py_ssize_t, double, double*)
    double loss_f(int, const float*, const Py_ssize_t*, const float*, float*, Py_ssize_t,
                  Py_ssize_t, const double*, const double*, Py_ssize_t)
    double loss_d(int, const double*, const Py_ssize_t*, const double*, double*, Py_ssize_t,
                  Py_ssize_t, const double*, const double*, Py_ssize_t)
    void outputs_f(int, float*, Py_ssize_t, Py_ssize_t, const double*, Py_ssize_t)
    void outputs_d(int, double*, Py_ssize_t, Py_ssize_t, const double*, Py_ssize_t)
    double penalize_f(const float*, float*, Py_ssize_t, const step*)
    double penalize_d(const double*, double*, Py_ssize_t, const step*)
    double sum_of_squares_f(const float*, Py_ssize_t, double)
    double sum_of_squares_d(const double*, Py_ssize_t, double)
    double largest_f(const float*, Py_ssize_t)
    double largest_d(const double*, Py_ssize_t)
    void update_f(int, float*, const float*, float*, float*, Py_ssize_t, const step*)
    void update_d(int, double*, const double*, double*, double*, Py_ssize_t, const step*)

cdef extern from "meeting.h" nogil:
    struct meeting:
        int waiting, round
    struct bell:
        PyThread_type_lock lock
    void meet(meeting*, int)
    void ring(bell*)
    void hear(bell*)

cdef extern from "subnormals.h" nogil:
    uint64_t flush_subnormals()
    void restore(uint64_t)

cdef extern from *:
    """
    /* What a NumPy bit generator's capsule holds: numpy/random/bitgen.h. */
    struct bit_generator {
      void *state;
      uint64_t (*next_uint64)(void *);
      uint32_t (*next_uint32)(void *);
      double (*next_double)(void *);
      uint64_t (*next_raw)(void *);
    };
    """
    struct bit_generator:
        void* state
        uint32_t (*next_uint32)(void*) noexcept nogil
        double (*next_double)(void*) noexcept nogil

cdef enum:
    MOST_LAYERS = 256
    MOST_WORKERS = 64
    BLOCK = 4096  # parameters whose vectors stay in the cache between two passes
    TILE_ROWS = 32  # of a product that is cut into pieces
    TILE_COLUMNS = 64


cdef class Network:
    """A network, buffers for some rows, and data to take through it.

    Parameters
    ----------
    sizes : sequence of int
        Widths from the input to the output.
    activations, slopes : sequence of int, of float
        Codes of the activations, the output's included, and the parameter of a leaky ReLU.
    keeps_z : sequence of bool
        Whether an activation's derivative needs its input.
    loss, loss_parameters, levels : int, array of float64, int
        Code, numbers, and outputs for each target, or groups of outputs.
    params : array of shape (n_parameters,)
        C-contiguous.
    capacity : int
        The largest number of rows at a time.
    piece : int
        Products of more multiplications than this are cut into such; 0 cuts none.
    """

    cdef int n_layers, loss, kind
    cdef bint is_double, reconstruct, wide
    cdef int activations[MOST_LAYERS]
    cdef double slopes[MOST_LAYERS]
    cdef Py_ssize_t sizes[MOST_LAYERS + 1]
    cdef Py_ssize_t n_weights, n_parameters, levels, capacity, piece
    cdef double factor
    cdef double* loss_parameters
    cdef void* params
    # what a batch becomes: each (capacity, width)
    cdef void* x
    cdef void* z[MOST_LAYERS]  # weighted sums
    cdef void* a[MOST_LAYERS]  # the same memory where the derivative follows from the activation
    cdef void* delta[MOST_LAYERS]
    cdef void* masks[MOST_LAYERS]  # of a layer's input; NULL where nothing is dropped
    cdef void* dropped[MOST_LAYERS]  # that input times its mask
    cdef double keeps[MOST_LAYERS]
    cdef double* shares  # (capacity,)
    # the data
    cdef const void* X
    cdef const void* columns
    cdef const void* starts
    cdef const Py_ssize_t* rows
    cdef const Py_ssize_t* classes
    cdef const void* targets
    cdef const double* weight
    cdef const double* shift
    cdef const double* scale
    cdef list _owned
    cdef list _lent
    # what it is asked to do, with the rows from `begin` to `end` of the data
    cdef Py_ssize_t begin, end
    cdef int layer
    cdef bint outputs, evaluates
    cdef void* out
    cdef readonly double total

    def __init__(
        self, *, sizes, activations, slopes, keeps_z, loss, loss_parameters, levels, params,
        capacity, piece,
    ):
        if len(sizes) > MOST_LAYERS:
            raise ValueError("too many layers")
        self._owned, self._lent = [params], []
        self.is_double = params.dtype == np.float64
        self.n_layers = len(sizes) - 1
        for i, size in enumerate(sizes):
            self.sizes[i] = size
        self.n_parameters = params.size
        self.n_weights = sum(self.sizes[i] * self.sizes[i + 1] for i in range(self.n_layers))
        self.loss, self.levels = loss, levels
        self.loss_parameters = <double*>self._own(np.array(loss_parameters, np.float64))
        self.params = _address(params)
        self.capacity, self.piece = capacity, piece
        self.x = self._buffer(0)
        self.shares = <double*>self._own(np.empty(capacity))
        for i in range(self.n_layers):
            self.activations[i], self.slopes[i] = activations[i], slopes[i]
            self.z[i] = self._buffer(i + 1)
            self.a[i] = self._buffer(i + 1) if keeps_z[i] else self.z[i]
            self.masks[i] = self.dropped[i] = self.delta[i] = NULL
        self.delta[self.n_layers - 1] = self._buffer(self.n_layers)

    cdef void* _own(self, array) except NULL:
        self._owned.append(array)
        return _address(array)

    cdef void* _buffer(self, int width) except NULL:
        dtype = np.float64 if self.is_double else np.float32
        return self._own(aligned((self.capacity, self.sizes[width]), dtype))

    def lend(
        self, *, X, kind, columns=None, starts=None, wide=False, rows=None, classes=None,
        targets=None, weight=None, shift=None, scale=None, factor=1.0, reconstruct=False,
    ):
        """Take data in the order of use but for X, of which ``rows`` are numbers, or None: all.

        A CSR matrix is its values X, and the columns and starts of rows, in 64 bits if ``wide``.
        """
        self._lent = [X, columns, starts, rows, classes, targets, weight, shift, scale]
        self.X, self.kind = _address(X), kind
        self.columns, self.starts, self.wide = _address(columns), _address(starts), wide
        self.rows = <const Py_ssize_t*>_address(rows)
        self.classes = <const Py_ssize_t*>_address(classes)
        self.targets = _address(targets)
        self.weight = <const double*>_address(weight)
        self.shift, self.scale = <const double*>_address(shift), <const double*>_address(scale)
        self.factor, self.reconstruct = factor, reconstruct

    def forward(self, Py_ssize_t begin, Py_ssize_t end, out, int layer, bint outputs):
        """Ask for what layer ``layer`` makes of the rows from ``begin`` to ``end``, in ``out``.

        outputs: whether the loss's output function is applied.
        """
        self.begin, self.end, self.out = begin, end, _address(out)
        self.layer, self.outputs, self.evaluates = layer, outputs, False

    def evaluate(self, Py_ssize_t begin, Py_ssize_t end, out):
        """Ask for raw outputs in ``out``, and for the sum of weight times loss in ``total``."""
        self.begin, self.end, self.out, self.evaluates = begin, end, _address(out), True

    def samples(self):
        """Return the sum of weights of the rows that were asked for."""
        return _samples(self, self.begin, self.end - self.begin)

    def run(self):
        """Do what was asked for in this thread alone."""
        with nogil:
            self.act(0)

    cdef void act(self, int worker) noexcept nogil:
        if self.is_double:
            _act[double](NULL, self)
        else:
            _act[float](NULL, self)


cdef class Training(Network):
    """A network in training: everything that the loop needs.

    Parameters
    ----------
    dropout : sequence of float
        Shares of each layer's input that are dropped; ``rng``, a NumPy generator, draws which.
    rule, hyper : int, sequence of three floats
        The optimiser's code, and beta_1, beta_2, epsilon.
    corrected : bool
        Whether Adam's epsilon is added to the corrected root.
    penalty : tuple of (l1, l2, per_sample)
        What is added to the loss.
    clip : tuple of (value, norm)
        Bounds of the gradient; inf for none.
    weight_decay : float
        Decoupled decay.
    slots : array of shape (n_slots, n_parameters)
        Changed in place, as ``params`` are; C-contiguous, of their dtype.
    parts : array of intp of shape (workers, n_layers, 2)
        The rows of each weight matrix that each worker takes.
    by_rows : bool
        Whether each worker finds the gradient of its own rows of a batch.
    network
        What :class:`Network` takes; ``capacity`` is the batch size.
    """

    cdef int rule, workers
    cdef bint corrected, per_sample, stop, by_rows
    cdef double l1, l2, clip_value, clip_norm, weight_decay, beta_1, beta_2, epsilon
    cdef void* slots[2]
    cdef void* gradient  # (workers, n_parameters) if by_rows, otherwise (n_parameters,)
    cdef const Py_ssize_t* parts
    cdef bit_generator* bits
    cdef const double* rates
    cdef double losses[MOST_WORKERS]
    cdef double penalties[MOST_WORKERS]
    cdef double squares[MOST_WORKERS]
    cdef meeting place
    # what a run leaves behind, beside its total
    cdef readonly double penalty
    cdef readonly Py_ssize_t steps
    cdef Py_ssize_t t
    cdef object _rates

    def __init__(
        self, *, dropout, rng, rule, hyper, corrected, penalty, clip, weight_decay, slots, parts,
        by_rows, **network,
    ):
        Network.__init__(self, **network)
        if not 0 < len(parts) <= MOST_WORKERS:
            raise ValueError("too many workers")
        self.workers, self.parts = len(parts), <const Py_ssize_t*>self._own(parts)
        self.rule, self.corrected = rule, corrected
        self.beta_1, self.beta_2, self.epsilon = hyper
        self.l1, self.l2, self.per_sample = penalty
        self.clip_value, self.clip_norm = clip
        self.weight_decay = weight_decay
        self._owned.append(slots)
        for i in range(2):
            self.slots[i] = _address(slots[i]) if i < len(slots) else self.params
        dtype = np.float64 if self.is_double else np.float32
        self.by_rows = by_rows
        shape = (self.workers if by_rows else 1, self.n_parameters)
        self.gradient = self._own(aligned(shape, dtype))
        for i in range(self.n_layers - 1):
            self.delta[i] = self._buffer(i + 1)
        self._drop(dropout, rng)

    def _drop(self, dropout, rng):
        self.bits = NULL
        if rng is None:
            return
        self._owned.append(rng)
        self.bits = <bit_generator*>PyCapsule_GetPointer(rng.bit_generator.capsule, "BitGenerator")
        for i, share in enumerate(dropout):
            if share:
                self.keeps[i] = 1 - share
                self.masks[i], self.dropped[i] = self._buffer(i), self._buffer(i)

    def train(self, Py_ssize_t begin, Py_ssize_t end, rates, Py_ssize_t t, bint stop):
        """Ask for training on the rows from ``begin`` to ``end``, by all workers together.

        rates: one learning rate for each step; t: steps taken before; stop: whether to end where
        the loss is not finite.
        """
        self._rates = rates
        self.begin, self.end, self.t, self.stop = begin, end, t, stop
        self.rates = <const double*>_address(rates)
        self.total, self.penalty, self.steps = 0, 0, 0

    cdef void act(self, int worker) noexcept nogil:
        # Subnormal numbers are slow, and count as 0 in float32. In float64 every number is
        # scikit-learn's, and Lion takes a whole step in the direction of a number however small.
        cdef uint64_t control
        if self.is_double:
            _train[double](NULL, self, worker)
        elif self.rule == LION:
            _train[float](NULL, self, worker)
        else:
            control = flush_subnormals()
            _train[float](NULL, self, worker)
            restore(control)


cdef class Crew:
    """Workers that act together: who calls :meth:`run`, and a thread in :meth:`serve` for each other.

    Parameters
    ----------
    size : int
        Workers.
    """

    cdef int size
    cdef bint dismissed
    cdef bell bells[MOST_WORKERS]
    cdef void* jobs[MOST_WORKERS]
    cdef meeting end

    def __cinit__(self, int size):
        if not 0 < size <= MOST_WORKERS:
            raise ValueError("too many workers")
        self.size = size
        for i in range(1, size):
            self.bells[i].lock = PyThread_allocate_lock()
            if self.bells[i].lock == NULL:
                raise MemoryError
            PyThread_acquire_lock(self.bells[i].lock, WAIT_LOCK)

    def __dealloc__(self):
        for i in range(1, self.size):
            if self.bells[i].lock != NULL:
                PyThread_free_lock(self.bells[i].lock)

    def run(self, list jobs):
        """Have worker i do what the i-th network was asked for; return when all have."""
        cdef Network job
        cdef int i
        for i in range(self.size):
            job = jobs[i]
            self.jobs[i] = <void*>job
        with nogil:
            self._ring()
            (<Network>self.jobs[0]).act(0)
            meet(&self.end, self.size)

    def serve(self, int worker):
        """Take part in each run as the worker of this number, until :meth:`dismiss`."""
        with nogil:
            hear(&self.bells[worker])
            while not self.dismissed:
                (<Network>self.jobs[worker]).act(worker)
                meet(&self.end, self.size)
                hear(&self.bells[worker])

    def dismiss(self):
        """Let all others go."""
        self.dismissed = True
        self._ring()

    cdef void _ring(self) noexcept nogil:
        cdef int i
        for i in range(1, self.size):
            ring(&self.bells[i])


cdef void* _address(array) except? NULL:
    cdef Py_buffer view
    if array is None:
        return NULL
    PyObject_GetBuffer(array, &view, PyBUF_STRIDES)
    PyBuffer_Release(&view)  # the array is kept alive, and stays where it is
    return view.buf


# --- matrix products -----------------------------------------------------------------


cdef void _multiply(real* tag, bint a_t, bint b_t, Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
                    const real* A, Py_ssize_t lda, const real* B, Py_ssize_t ldb, double beta,
                    real* out, Py_ssize_t ldo) noexcept nogil:
    # out (m, n) <- op(A) op(B) + beta out. BLAS counts by columns, so it gets the transposes.
    cdef char ta = b't' if a_t else b'n', tb = b't' if b_t else b'n'
    cdef int M = <int>m, N = <int>n, K = <int>k, la = <int>lda, lb = <int>ldb, lo = <int>ldo
    cdef real one = 1, keep = <real>beta
    if real is float:
        sgemm(&tb, &ta, &N, &M, &K, &one, <float*>B, &lb, <float*>A, &la, &keep, out, &lo)
    else:
        dgemm(&tb, &ta, &N, &M, &K, &one, <double*>B, &lb, <double*>A, &la, &keep, out, &lo)


cdef Py_ssize_t _even(Py_ssize_t length, Py_ssize_t most) noexcept nogil:
    # The length of pieces that are as equal as can be, none longer than most.
    cdef Py_ssize_t pieces = (length + most - 1) // most
    return (length + pieces - 1) // pieces


cdef void _product(real* tag, Py_ssize_t piece, bint a_t, bint b_t, Py_ssize_t m, Py_ssize_t n,
                   Py_ssize_t k, const void* A, Py_ssize_t lda, const void* B,
                   void* out) noexcept nogil:
    # out (m, n) <- op(A) op(B), in pieces if there is more to multiply than `piece`.
    cdef Py_ssize_t ldb = k if b_t else n
    cdef Py_ssize_t i, j, l, rows, columns, terms, wide = 32 if b_t else TILE_COLUMNS
    cdef const real* a = <const real*>A
    cdef const real* b = <const real*>B
    cdef real* c = <real*>out
    if k == 1:
        if real is float:
            outer_f(<float*>A, <float*>B, <float*>out, m, n)
        else:
            outer_d(<double*>A, <double*>B, <double*>out, m, n)
        return
    if piece == 0 or m * n * k <= piece or (b_t and k < 256):
        _multiply[real](NULL, a_t, b_t, m, n, k, a, lda, b, ldb, 0, c, n)
        return
    rows, columns = _even(m, TILE_ROWS), _even(n, wide)
    terms = _even(k, piece // (rows * columns))
    i = 0
    while i < m:
        j = 0
        while j < n:
            l = 0
            while l < k:
                _multiply[real](
                    NULL, a_t, b_t, min(rows, m - i), min(columns, n - j), min(terms, k - l),
                    a + (l * lda + i if a_t else i * lda + l), lda,
                    b + (j * ldb + l if b_t else l * ldb + j), ldb,
                    0 if l == 0 else 1, c + i * n + j, n,
                )
                l += terms
            j += columns
        i += rows


# --- the passes; `at` is where a worker's rows begin in the buffers ------------------


cdef const void* _gather(real* tag, Network net, void* x, Py_ssize_t first,
                         Py_ssize_t n) noexcept nogil:
    # Rows `first` to `first + n` of what was lent, in x; or where they are, if they can stay there.
    cdef Py_ssize_t k = net.sizes[0]
    if net.starts != NULL:
        if real is float:
            gather_sparse_f(net.X, net.kind, net.columns, net.starts, net.wide, net.rows, first,
                            n, k, <float>net.factor, <float*>x)
        else:
            gather_sparse_d(net.X, net.kind, net.columns, net.starts, net.wide, net.rows, first,
                            n, k, net.factor, <double*>x)
        return x
    if net.rows == NULL and net.shift == NULL and net.factor == 1:
        if net.kind == (FLOAT32 if sizeof(real) == sizeof(float) else FLOAT64):
            return <real*>net.X + first * k
    if real is float:
        gather_f(net.X, net.kind, net.rows, first, n, k, net.shift, net.scale,
                 <float>net.factor, <float*>x)
    else:
        gather_d(net.X, net.kind, net.rows, first, n, k, net.shift, net.scale, net.factor,
                 <double*>x)
    return x


cdef void _forward(real* tag, Network net, const void* x, Py_ssize_t at, Py_ssize_t n,
                   int layers, void* out) noexcept nogil:
    # Takes n rows through the first `layers` layers; the last of them writes to out.
    cdef int layer
    cdef Py_ssize_t i, o
    cdef const real* W = <real*>net.params
    cdef const real* b = W + net.n_weights
    cdef const real* h = <const real*>x
    cdef real* z
    cdef real* a
    if n == 0:
        return
    for layer in range(layers):
        i, o = net.sizes[layer], net.sizes[layer + 1]
        if net.masks[layer] != NULL:
            h = _dropped[real](NULL, net, layer, h, at, n)
        z, a = <real*>net.z[layer] + at * o, <real*>net.a[layer] + at * o
        if layer == layers - 1:
            z = <real*>out if z == a else z
            a = <real*>out
        _product[real](NULL, net.piece, False, False, n, o, i, h, i, W, z)
        if real is float:
            activate_f(net.activations[layer], z, b, a, n, o, <float>net.slopes[layer])
        else:
            activate_d(net.activations[layer], z, b, a, n, o, net.slopes[layer])
        W += i * o
        b += o
        h = a


cdef const real* _dropped(real* tag, Network net, int layer, const real* h, Py_ssize_t at,
                          Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t k = net.sizes[layer]
    cdef real* mask = <real*>net.masks[layer] + at * k
    cdef real* to = <real*>net.dropped[layer] + at * k
    cdef real keep = <real>net.keeps[layer], factor = <real>(1 / net.keeps[layer])
    if real is float:
        drop_f(h, mask, to, n * k, keep, factor)
    else:
        drop_d(h, mask, to, n * k, keep, factor)
    return to


cdef double _loss(real* tag, Network net, const void* raw, const void* x, Py_ssize_t first,
                  Py_ssize_t at, Py_ssize_t n) noexcept nogil:
    # Σ shares · losses of n rows, and its derivative by raw outputs in the last delta.
    cdef Py_ssize_t k = net.sizes[net.n_layers]
    cdef const Py_ssize_t* classes = NULL
    cdef const real* targets = NULL
    cdef real* delta = <real*>net.delta[net.n_layers - 1] + at * k
    if net.loss == SOFTMAX:
        classes = net.classes + first * net.levels
    elif net.reconstruct:
        targets = <const real*>x
    else:
        targets = <const real*>net.targets + first * (k // net.levels)
    if real is float:
        return loss_f(net.loss, <const float*>raw, classes, targets, delta, n, k, net.shares + at,
                      net.loss_parameters, net.levels)
    else:
        return loss_d(net.loss, <const double*>raw, classes, targets, delta, n, k, net.shares + at,
                      net.loss_parameters, net.levels)


cdef void _act(real* tag, Network net) noexcept nogil:
    if net.evaluates:
        net.total = _evaluate[real](NULL, net)
    else:
        _predict[real](NULL, net)


cdef void _predict(real* tag, Network net) noexcept nogil:
    cdef Py_ssize_t begin = net.begin, end = net.end, n, k = net.sizes[net.layer + 1]
    cdef int layer = net.layer
    cdef real* to = <real*>net.out
    while begin < end:
        n = min(net.capacity, end - begin)
        _forward[real](NULL, net, _gather[real](NULL, net, net.x, begin, n), 0, n, layer + 1, to)
        if net.outputs:
            if real is float:
                outputs_f(net.loss, to, n, k, net.loss_parameters, net.levels)
            else:
                outputs_d(net.loss, to, n, k, net.loss_parameters, net.levels)
        begin += n
        to += n * k


cdef double _evaluate(real* tag, Network net) noexcept nogil:
    cdef Py_ssize_t begin = net.begin, end = net.end, n, i
    cdef real* to = <real*>net.out
    cdef const void* x
    cdef double total = 0
    while begin < end:
        n = min(net.capacity, end - begin)
        for i in range(n):
            net.shares[i] = 1 if net.weight == NULL else net.weight[begin + i]
        x = _gather[real](NULL, net, net.x, begin, n)
        _forward[real](NULL, net, x, 0, n, net.n_layers, to)
        total += _loss[real](NULL, net, to, x, begin, 0, n)
        begin += n
        to += n * net.sizes[net.n_layers]
    return total


cdef void _back(real* tag, Training job, Py_ssize_t at, Py_ssize_t n) noexcept nogil:
    # From the last delta of n rows to the first.
    cdef int layer
    cdef Py_ssize_t i, o
    cdef real* W = <real*>job.params + job.n_weights
    cdef real* below
    if n == 0:  # fewer rows than workers
        return
    for layer in range(job.n_layers - 1, 0, -1):
        i, o = job.sizes[layer], job.sizes[layer + 1]
        W -= i * o
        below = <real*>job.delta[layer - 1] + at * i
        _product[real](NULL, job.piece, False, True, n, i, o, <real*>job.delta[layer] + at * o, o,
                       W, below)
        if real is float:
            if job.masks[layer] != NULL:
                multiply_f(below, <float*>job.masks[layer] + at * i, n * i)
            derive_f(job.activations[layer - 1], <float*>job.z[layer - 1] + at * i,
                     <float*>job.a[layer - 1] + at * i, below, n * i, <float>job.slopes[layer - 1])
        else:
            if job.masks[layer] != NULL:
                multiply_d(below, <double*>job.masks[layer] + at * i, n * i)
            derive_d(job.activations[layer - 1], <double*>job.z[layer - 1] + at * i,
                     <double*>job.a[layer - 1] + at * i, below, n * i, job.slopes[layer - 1])


# --- the step ------------------------------------------------------------------------


cdef const real* _input(real* tag, Training job, int layer) noexcept nogil:
    if job.masks[layer] != NULL:
        return <real*>job.dropped[layer]
    return <real*>(job.x if layer == 0 else job.a[layer - 1])


cdef void _sum_own_rows(real* tag, Training job, int worker, Py_ssize_t at,
                        Py_ssize_t n) noexcept nogil:
    # The gradient of n rows, in the worker's own vector.
    cdef real* g = <real*>job.gradient + worker * job.n_parameters
    cdef const real* delta
    cdef Py_ssize_t i, o, layer
    if n == 0:
        memset(g, 0, job.n_parameters * sizeof(real))
        return
    for layer in range(job.n_layers):
        i, o = job.sizes[layer], job.sizes[layer + 1]
        delta = <real*>job.delta[layer] + at * o
        _product[real](NULL, job.piece, True, False, i, o, n, _input[real](NULL, job, layer) + at * i,
                       i, delta, g)
        g += i * o
    _sum_biases[real](NULL, job, g, at, n)


cdef void _add_up(real* tag, Training job, Py_ssize_t offset, Py_ssize_t size) noexcept nogil:
    # Some numbers of all workers' gradients, in the first's.
    cdef real* g = <real*>job.gradient + offset
    cdef real* other = g
    for worker in range(1, job.workers):
        other += job.n_parameters
        if real is float:
            add_f(g, other, size)
        else:
            add_d(g, other, size)


cdef double _collect(real* tag, Training job, step* s, int layer, Py_ssize_t row, Py_ssize_t rows,
                     Py_ssize_t n, Py_ssize_t offset) noexcept nogil:
    # The gradient of some rows of a weight matrix, which begin at `offset`; returns their penalty.
    cdef Py_ssize_t i = job.sizes[layer], o = job.sizes[layer + 1]
    cdef real* g = <real*>job.gradient + offset
    if job.by_rows:
        _add_up[real](NULL, job, offset, rows * o)
    else:
        _product[real](NULL, job.piece, True, False, rows, o, n, _input[real](NULL, job, layer) + row,
                       i, job.delta[layer], g)
    return _penalize[real](NULL, job, s, offset, rows * o)


cdef double _penalize(real* tag, Training job, step* s, Py_ssize_t offset,
                      Py_ssize_t size) noexcept nogil:
    cdef real* w = <real*>job.params + offset
    cdef real* g = <real*>job.gradient + offset
    cdef Py_ssize_t begin = 0, n
    cdef double penalty = 0
    while begin < size:
        n = min(BLOCK, size - begin)
        if real is float:
            penalty += penalize_f(w + begin, g + begin, n, s)
        else:
            penalty += penalize_d(w + begin, g + begin, n, s)
        begin += n
    return penalty


cdef void _sum_biases(real* tag, Training job, real* g, Py_ssize_t at,
                      Py_ssize_t n) noexcept nogil:
    cdef int layer
    cdef Py_ssize_t o
    for layer in range(job.n_layers):
        o = job.sizes[layer + 1]
        if real is float:
            sum_rows_f(<float*>job.delta[layer] + at * o, g, n, o)
        else:
            sum_rows_d(<double*>job.delta[layer] + at * o, g, n, o)
        g += o


cdef void _update(real* tag, Training job, step* s, Py_ssize_t offset,
                  Py_ssize_t size) noexcept nogil:
    cdef real* w = <real*>job.params + offset
    cdef real* g = <real*>job.gradient + offset
    cdef real* u = <real*>job.slots[0] + offset
    cdef real* v = <real*>job.slots[1] + offset
    if real is float:
        update_f(job.rule, w, g, u, v, size, s)
    else:
        update_d(job.rule, w, g, u, v, size, s)


cdef double _step(real* tag, Training job, int worker, step* s, Py_ssize_t n) noexcept nogil:
    # A worker's part of the step; returns the penalty of its parameters. A few rows of a matrix at
    # a time, whose gradient stays in the cache until the update. The last worker takes the biases,
    # which are neither penalised nor decayed.
    cdef const Py_ssize_t* part
    cdef Py_ssize_t offset, row, rows, o
    cdef step plain = s[0]
    cdef double penalty = 0
    cdef bint whole = job.clip_norm < INFINITY  # the norm wants all of the gradient first
    cdef bint collects, last = worker == job.workers - 1
    cdef int turn, layer
    for turn in range(2 if whole else 1):
        collects = turn == 0
        if whole and not collects:
            s.shrink = _shrink[real](NULL, job, worker)
        part = job.parts + worker * job.n_layers * 2
        offset = 0
        for layer in range(job.n_layers):
            o = job.sizes[layer + 1]
            row = part[0]
            while row < part[1]:
                rows = min(max(TILE_ROWS, BLOCK // o), part[1] - row)
                if collects:
                    penalty += _collect[real](NULL, job, s, layer, row, rows, n, offset + row * o)
                if not collects or not whole:
                    _update[real](NULL, job, s, offset + row * o, rows * o)
                row += rows
            offset += job.sizes[layer] * o
            part += 2
        if last:
            plain.l1, plain.l2, plain.decay, plain.shrink = 0, 0, 1, s.shrink
            if collects:
                if job.by_rows:
                    _add_up[real](NULL, job, job.n_weights, job.n_parameters - job.n_weights)
                else:
                    _sum_biases[real](NULL, job, <real*>job.gradient + job.n_weights, 0, n)
            if not collects or not whole:
                _update[real](NULL, job, &plain, job.n_weights, job.n_parameters - job.n_weights)
    return penalty


cdef double _sum(const double* values, int n) noexcept nogil:
    cdef double total = 0
    cdef int i
    for i in range(n):
        total += values[i]
    return total


cdef double _shrink(real* tag, Training job, int worker) noexcept nogil:
    # What shortens the gradient to clip_norm. A norm beyond the numbers is taken in a larger unit.
    cdef Py_ssize_t low = job.n_parameters * worker // job.workers
    cdef Py_ssize_t n = job.n_parameters * (worker + 1) // job.workers - low
    cdef const real* g = <real*>job.gradient + low
    cdef double unit = 1, norm
    cdef int i
    meet(&job.place, job.workers)
    for attempt in range(2):
        if real is float:
            job.squares[worker] = sum_of_squares_f(g, n, unit)
        else:
            job.squares[worker] = sum_of_squares_d(g, n, unit)
        meet(&job.place, job.workers)
        norm = sqrt(_sum(job.squares, job.workers))
        meet(&job.place, job.workers)
        if isfinite(norm) or unit != 1:
            break
        if real is float:
            job.squares[worker] = largest_f(g, n)
        else:
            job.squares[worker] = largest_d(g, n)
        meet(&job.place, job.workers)
        for i in range(job.workers):
            unit = max(unit, job.squares[i])
        meet(&job.place, job.workers)
    if unit == INFINITY:
        return 0  # what is not finite becomes NaN
    return min(1.0, job.clip_norm / unit / norm) if norm * unit > job.clip_norm else 1.0


cdef double _samples(Network net, Py_ssize_t begin, Py_ssize_t n) noexcept nogil:
    if net.weight == NULL:
        return n
    cdef double total = 0
    cdef Py_ssize_t i
    for i in range(n):
        total += net.weight[begin + i]
    return total


cdef void _size(Training job, step* s, double samples, double rate, Py_ssize_t t) noexcept nogil:
    # The numbers of step t.
    cdef double share = samples if job.per_sample else 1, unit
    s.l1, s.l2 = job.l1 / share, job.l2 / share
    s.clip, s.shrink = job.clip_value, 1
    s.decay = 1 - rate * job.weight_decay
    s.beta_1, s.beta_2, s.epsilon, s.rate = job.beta_1, job.beta_2, job.epsilon, rate
    if job.rule == ADAM:
        unit = sqrt(1 - job.beta_2)
        s.rate = rate * sqrt(1 - pow(job.beta_2, t)) / (1 - pow(job.beta_1, t))
        s.rate *= (1 - job.beta_1) / unit
        s.epsilon /= unit
        if job.corrected:
            s.epsilon *= sqrt(1 - pow(job.beta_2, t))


# --- the loop ------------------------------------------------------------------------


cdef void _draw(real* tag, Training job, Py_ssize_t n) noexcept nogil:
    # Uniform numbers for all masks of a batch, as Generator.random draws them, layer by layer.
    cdef bit_generator* bits = job.bits
    cdef real* mask
    cdef Py_ssize_t i
    cdef int layer
    for layer in range(job.n_layers):
        mask = <real*>job.masks[layer]
        if mask == NULL:
            continue
        for i in range(n * job.sizes[layer]):
            if real is float:
                mask[i] = (bits.next_uint32(bits.state) >> 8) * <float>(1.0 / 16777216)
            else:
                mask[i] = bits.next_double(bits.state)


cdef void _train(real* tag, Training job, int worker) noexcept nogil:
    cdef Py_ssize_t begin = job.begin, n, first, mine, i, at, steps = 0
    cdef int last = job.n_layers - 1
    cdef real* x
    cdef real* raw
    cdef double samples, loss
    cdef step s
    while begin < job.end:
        n = min(job.capacity, job.end - begin)
        samples = _samples(job, begin, n)
        if samples == 0:  # nothing to learn from
            begin += n
            continue
        at = n * worker // job.workers
        first = begin + at
        mine = n * (worker + 1) // job.workers - at
        for i in range(mine):
            job.shares[at + i] = (1 if job.weight == NULL else job.weight[first + i]) / samples
        if job.bits != NULL:
            if worker == 0:
                _draw[real](NULL, job, n)
            meet(&job.place, job.workers)
        x = <real*>job.x + at * job.sizes[0]
        raw = <real*>job.z[last] + at * job.sizes[last + 1]
        _gather[real](NULL, job, x, first, mine)
        _forward[real](NULL, job, x, at, mine, last + 1, raw)
        job.losses[worker] = _loss[real](NULL, job, raw, x, first, at, mine)
        _back[real](NULL, job, at, mine)
        if job.by_rows:
            _sum_own_rows[real](NULL, job, worker, at, mine)
        meet(&job.place, job.workers)
        loss = _sum(job.losses, job.workers)
        _size(job, &s, samples, job.rates[steps], job.t + steps + 1)
        job.penalties[worker] = _step[real](NULL, job, worker, &s, n)
        meet(&job.place, job.workers)
        steps += 1
        if worker == 0:
            job.total += product(loss, n)
            job.penalty += product(_sum(job.penalties, job.workers), n)
            job.steps = steps
        begin += n
        if job.stop and not isfinite(loss):
            break


# --- parts of the loop one by one, for tests ---------------------------------------


def activation(int code, real[::1] z, real[::1] out, double slope=0):
    """Write f(z) to ``out``."""
    cdef real[::1] b = np.zeros_like(z)
    if real is float:
        activate_f(code, &z[0], &b[0], &out[0], 1, z.shape[0], <float>slope)
    else:
        activate_d(code, &z[0], &b[0], &out[0], 1, z.shape[0], slope)


def derivative(int code, real[::1] z, real[::1] a, real[::1] delta, double slope=0):
    """Multiply ``delta`` by f'(z), where a = f(z)."""
    if real is float:
        derive_f(code, &z[0], &a[0], &delta[0], z.shape[0], <float>slope)
    else:
        derive_d(code, &z[0], &a[0], &delta[0], z.shape[0], slope)


def exponential(real[::1] x, real[::1] out):
    """Write exp(x) to ``out``."""
    if real is float:
        exponential_f(&x[0], &out[0], x.shape[0])
    else:
        exponential_d(&x[0], &out[0], x.shape[0])


def loss(int code, raw, classes, targets, out, shares, numbers, Py_ssize_t levels):
    """Return the sum of shares times losses of ``raw``, (n, k), and write its gradient to ``out``."""
    cdef const Py_ssize_t* y = <const Py_ssize_t*>_address(classes)
    cdef Py_ssize_t n = raw.shape[0], k = raw.shape[1]
    if raw.dtype == np.float32:
        return loss_f(code, <float*>_address(raw), y, <float*>_address(targets),
                      <float*>_address(out), n, k, <double*>_address(shares),
                      <double*>_address(numbers), levels)
    return loss_d(code, <double*>_address(raw), y, <double*>_address(targets),
                  <double*>_address(out), n, k, <double*>_address(shares),
                  <double*>_address(numbers), levels)


def take_step(Training job, real[::1] g, double rate, Py_ssize_t t, double samples):
    """Take a step with the gradient ``g``, to which the penalty's is added; return the penalty."""
    cdef step s, plain
    cdef Py_ssize_t n_weights = job.n_weights
    cdef double penalty
    _size(job, &s, samples, rate, t)
    memcpy(job.gradient, &g[0], g.nbytes)
    penalty = _penalize[real](NULL, job, &s, 0, n_weights)
    memcpy(&g[0], job.gradient, g.nbytes)
    if job.clip_norm < INFINITY:
        s.shrink = _shrink[real](NULL, job, 0)
    plain = s
    plain.decay = 1
    _update[real](NULL, job, &s, 0, n_weights)
    _update[real](NULL, job, &plain, n_weights, job.n_parameters - n_weights)
    return penalty


def multiply(real[:, ::1] A, real[:, ::1] B, real[:, ::1] out, bint a_t, bint b_t,
             Py_ssize_t piece, Py_ssize_t times=1):
    """Write op(A) op(B) to ``out``, in pieces if it is more than ``piece``, so many ``times``."""
    cdef Py_ssize_t k = A.shape[0] if a_t else A.shape[1], i
    with nogil:
        for i in range(times):
            _product[real](NULL, piece, a_t, b_t, out.shape[0], out.shape[1], k, &A[0, 0],
                           A.shape[1], &B[0, 0], &out[0, 0])
