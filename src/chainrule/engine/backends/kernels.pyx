# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""The loop over batches, compiled: gather, forward, loss, backward, step, without Python's lock.

It does what :mod:`chainrule.engine.network` and :mod:`chainrule.training.loop` do, in the same
order, on the same vectors. Matrix products are SciPy's BLAS; the rest is ``arithmetic.h``.

Several workers may share a batch, each with its own rows and its own gradient. They meet before the
step, of which each takes a part of the parameters, and after it. Gradients are added in the order
of the workers, so the result depends on their number alone.

:mod:`~chainrule.engine.backends.compiled` makes a :class:`Job` and checks what goes into it:
nothing here looks at a shape or a dtype again.
"""

from libc.math cimport INFINITY, isfinite, pow, sqrt
from libc.stdint cimport uint8_t
from libc.string cimport memcpy, memset
from scipy.linalg.cython_blas cimport dgemm, sgemm

import numpy as np

ctypedef fused real:
    float
    double

cdef extern from "arithmetic.h" nogil:
    int ADAM
    int SOFTMAX
    struct step:
        double l1, l2, clip, shrink, decay, rate, beta_1, beta_2, epsilon
    double product(double, double)
    void activate_f(int, const float*, float*, Py_ssize_t, float)
    void activate_d(int, const double*, double*, Py_ssize_t, double)
    void derive_f(int, const float*, const float*, float*, Py_ssize_t, float)
    void derive_d(int, const double*, const double*, double*, Py_ssize_t, double)
    void exponential_f(const float*, float*, Py_ssize_t)
    void exponential_d(const double*, double*, Py_ssize_t)
    void repeat_f(const float*, float*, Py_ssize_t, Py_ssize_t)
    void repeat_d(const double*, double*, Py_ssize_t, Py_ssize_t)
    void sum_rows_f(const float*, float*, Py_ssize_t, Py_ssize_t)
    void sum_rows_d(const double*, double*, Py_ssize_t, Py_ssize_t)
    void gather_f(const void*, int, const Py_ssize_t*, Py_ssize_t, Py_ssize_t, const double*,
                  const double*, float, float*)
    void gather_d(const void*, int, const Py_ssize_t*, Py_ssize_t, Py_ssize_t, const double*,
                  const double*, double, double*)
    void gather_sparse_f(const void*, int, const void*, const void*, int, const Py_ssize_t*,
                         Py_ssize_t, Py_ssize_t, float, float*)
    void gather_sparse_d(const void*, int, const void*, const void*, int, const Py_ssize_t*,
                         Py_ssize_t, Py_ssize_t, double, double*)
    double loss_f(int, const float*, const Py_ssize_t*, const float*, float*, Py_ssize_t,
                  Py_ssize_t, const double*, const double*, Py_ssize_t)
    double loss_d(int, const double*, const Py_ssize_t*, const double*, double*, Py_ssize_t,
                  Py_ssize_t, const double*, const double*, Py_ssize_t)
    double collect_f(const float*, float*, Py_ssize_t, Py_ssize_t, Py_ssize_t, const step*)
    double collect_d(const double*, double*, Py_ssize_t, Py_ssize_t, Py_ssize_t, const step*)
    double sum_of_squares_f(const float*, Py_ssize_t, double)
    double sum_of_squares_d(const double*, Py_ssize_t, double)
    double largest_f(const float*, Py_ssize_t)
    double largest_d(const double*, Py_ssize_t)
    void update_f(int, float*, const float*, float*, float*, Py_ssize_t, const step*)
    void update_d(int, double*, const double*, double*, double*, Py_ssize_t, const step*)

cdef extern from "meeting.h" nogil:
    struct meeting:
        int waiting, round
    void meet(meeting*, int)

cdef enum:
    MOST_LAYERS = 64
    MOST_WORKERS = 64
    BLOCK = 4096  # parameters whose vectors stay in the cache between two passes


cdef struct Net:
    # One worker's view of the network: what layer l reads and writes, all for its own rows.
    void* x  # (rows, n_features)
    void* z[MOST_LAYERS]  # (rows, fan_out), weighted sums
    void* a[MOST_LAYERS]  # the same memory where the derivative follows from the activation
    void* delta[MOST_LAYERS]
    void* gradient  # (n_parameters,)
    double* shares  # (rows,)


cdef class Job:
    """A network, how it is trained, and the data: everything that the loop needs.

    Parameters
    ----------
    sizes : sequence of int
        Widths from the input to the output.
    activations, slopes : sequence of int, of float
        Codes of the hidden activations, and the parameter of a leaky ReLU.
    keeps_z : sequence of bool
        Whether an activation's derivative needs its input.
    loss, loss_parameters, levels : int, array of float64, int
        Code, numbers, and outputs for each target.
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
    params, slots : arrays of shape (n_parameters,), (n_slots, n_parameters)
        Changed in place; C-contiguous, of one dtype.
    batch_size, workers : int
        Rows a step, and how many threads will call :meth:`run`.
    """

    cdef int n_layers, loss, rule, kind, workers
    cdef bint corrected, per_sample, reconstruct, stop, is_double
    cdef int activations[MOST_LAYERS]
    cdef double slopes[MOST_LAYERS]
    cdef Py_ssize_t sizes[MOST_LAYERS + 1]
    cdef Py_ssize_t n_weights, n_parameters, levels, batch_size
    cdef double l1, l2, clip_value, clip_norm, weight_decay, beta_1, beta_2, epsilon, factor
    cdef double* loss_parameters
    cdef void* params
    cdef void* slots[2]
    cdef const void* X
    cdef const void* columns
    cdef const void* starts
    cdef bint wide
    cdef const Py_ssize_t* rows
    cdef const Py_ssize_t* classes
    cdef const void* targets
    cdef const double* weight
    cdef const double* shift
    cdef const double* scale
    cdef const double* rates
    cdef Net nets[MOST_WORKERS]
    cdef double losses[MOST_WORKERS]
    cdef double penalties[MOST_WORKERS]
    cdef double squares[MOST_WORKERS]
    cdef meeting place
    # what a run leaves behind
    cdef readonly double total, penalty
    cdef readonly Py_ssize_t steps
    cdef Py_ssize_t begin, end, t
    cdef list _owned
    cdef list _lent
    cdef object _rates

    def __init__(
        self, *, sizes, activations, slopes, keeps_z, loss, loss_parameters, levels, rule, hyper,
        corrected, penalty, clip, weight_decay, params, slots, batch_size, workers,
    ):
        if len(sizes) > MOST_LAYERS or not 0 < workers <= MOST_WORKERS:
            raise ValueError("too many layers or workers")
        self._owned, self._lent = [params, slots], []
        self.is_double = params.dtype == np.float64
        self.n_layers = len(sizes) - 1
        for i, size in enumerate(sizes):
            self.sizes[i] = size
        for i in range(self.n_layers - 1):
            self.activations[i], self.slopes[i] = activations[i], slopes[i]
        self.n_parameters = params.size
        self.n_weights = sum(self.sizes[i] * self.sizes[i + 1] for i in range(self.n_layers))
        self.loss, self.levels = loss, levels
        self.loss_parameters = <double*>self._own(np.array(loss_parameters, np.float64))
        self.rule, self.corrected = rule, corrected
        self.beta_1, self.beta_2, self.epsilon = hyper
        self.l1, self.l2, self.per_sample = penalty
        self.clip_value, self.clip_norm = clip
        self.weight_decay = weight_decay
        self.params = _address(params)
        for i in range(2):
            self.slots[i] = _address(slots[i]) if i < len(slots) else self.params
        self.batch_size, self.workers = batch_size, workers
        self._make_nets(keeps_z, params.dtype)

    cdef void* _own(self, array) except NULL:
        self._owned.append(array)
        return _address(array)

    def _make_nets(self, keeps_z, dtype):
        rows = (self.batch_size + self.workers - 1) // self.workers  # division here is C's
        gradients = np.zeros((self.workers, self.n_parameters), dtype)
        self._owned.append(gradients)
        for worker in range(self.workers):
            self.nets[worker].x = self._own(np.empty((rows, self.sizes[0]), dtype))
            self.nets[worker].gradient = _address(gradients[worker])
            self.nets[worker].shares = <double*>self._own(np.empty(rows))
            for layer in range(self.n_layers):
                shape = rows, self.sizes[layer + 1]
                self.nets[worker].z[layer] = self._own(np.empty(shape, dtype))
                self.nets[worker].delta[layer] = self._own(np.empty(shape, dtype))
                self.nets[worker].a[layer] = self.nets[worker].z[layer]
                if layer < self.n_layers - 1 and keeps_z[layer]:
                    self.nets[worker].a[layer] = self._own(np.empty(shape, dtype))

    def lend(
        self, *, X, kind, columns, starts, wide, rows, classes, targets, weight, shift, scale,
        factor, reconstruct,
    ):
        """Take data in the order of training but for X, of which ``rows`` are numbers.

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

    def start(self, Py_ssize_t begin, Py_ssize_t end, rates, Py_ssize_t t, bint stop):
        """Get ready for the rows from ``begin`` to ``end``: then every worker calls :meth:`run`.

        rates: one learning rate for each step; t: steps taken before; stop: whether to end where
        the loss is not finite.
        """
        self._rates = rates
        self.begin, self.end, self.t, self.stop = begin, end, t, stop
        self.rates = <const double*>_address(rates)
        self.total, self.penalty, self.steps = 0, 0, 0

    def run(self, int worker):
        """Train; returns when all workers have."""
        with nogil:
            if self.is_double:
                _train[double](NULL, self, worker)
            else:
                _train[float](NULL, self, worker)


cdef void* _address(array) except? NULL:
    return NULL if array is None else <void*><size_t>array.ctypes.data


cdef void _product(real* tag, bint a_t, bint b_t, Py_ssize_t m, Py_ssize_t n, Py_ssize_t k,
                   const void* A, const void* B, double beta, void* out) noexcept nogil:
    # out (m, n) <- op(A) op(B) + beta out. BLAS counts by columns, so it gets the transposes.
    cdef char ta = b't' if a_t else b'n', tb = b't' if b_t else b'n'
    cdef int M = <int>m, N = <int>n, K = <int>k
    cdef int lda = M if a_t else K, ldb = K if b_t else N
    cdef real one = 1, keep = <real>beta
    if real is float:
        sgemm(&tb, &ta, &N, &M, &K, &one, <float*>B, &ldb, <float*>A, &lda, &keep, <float*>out, &N)
    else:
        dgemm(&tb, &ta, &N, &M, &K, &one, <double*>B, &ldb, <double*>A, &lda, &keep,
              <double*>out, &N)


cdef void _gather(real* tag, Job job, void* x, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    cdef const Py_ssize_t* rows = job.rows + first
    if job.starts != NULL:
        if real is float:
            gather_sparse_f(job.X, job.kind, job.columns, job.starts, job.wide, rows, n,
                            job.sizes[0], <float>job.factor, <float*>x)
        else:
            gather_sparse_d(job.X, job.kind, job.columns, job.starts, job.wide, rows, n,
                            job.sizes[0], job.factor, <double*>x)
    elif real is float:
        gather_f(job.X, job.kind, rows, n, job.sizes[0], job.shift, job.scale,
                 <float>job.factor, <float*>x)
    else:
        gather_d(job.X, job.kind, rows, n, job.sizes[0], job.shift, job.scale, job.factor,
                 <double*>x)


cdef void _forward(real* tag, Job job, Net* net, Py_ssize_t n) noexcept nogil:
    cdef int layer
    cdef Py_ssize_t i, o
    cdef const real* W = <real*>job.params
    cdef const real* b = W + job.n_weights
    cdef const void* h = net.x
    for layer in range(job.n_layers):
        i, o = job.sizes[layer], job.sizes[layer + 1]
        if real is float:
            repeat_f(b, <float*>net.z[layer], n, o)
        else:
            repeat_d(b, <double*>net.z[layer], n, o)
        _product[real](NULL, False, False, n, o, i, h, W, 1, net.z[layer])
        W += i * o
        b += o
        if layer < job.n_layers - 1:
            if real is float:
                activate_f(job.activations[layer], <float*>net.z[layer], <float*>net.a[layer],
                           n * o, <float>job.slopes[layer])
            else:
                activate_d(job.activations[layer], <double*>net.z[layer], <double*>net.a[layer],
                           n * o, job.slopes[layer])
            h = net.a[layer]


cdef void _backward(real* tag, Job job, Net* net, Py_ssize_t n) noexcept nogil:
    cdef int layer
    cdef Py_ssize_t i, o
    cdef real* W = <real*>job.params + job.n_weights
    cdef real* dW = <real*>net.gradient + job.n_weights
    cdef real* db = <real*>net.gradient + job.n_parameters
    cdef const void* h
    if n == 0:  # fewer rows than workers
        memset(net.gradient, 0, job.n_parameters * sizeof(real))
        return
    for layer in range(job.n_layers - 1, -1, -1):
        i, o = job.sizes[layer], job.sizes[layer + 1]
        W -= i * o
        dW -= i * o
        db -= o
        h = net.x if layer == 0 else net.a[layer - 1]
        _product[real](NULL, True, False, i, o, n, h, net.delta[layer], 0, dW)
        if real is float:
            sum_rows_f(<float*>net.delta[layer], db, n, o)
        else:
            sum_rows_d(<double*>net.delta[layer], db, n, o)
        if layer > 0:
            _product[real](NULL, False, True, n, i, o, net.delta[layer], W, 0,
                           net.delta[layer - 1])
            if real is float:
                derive_f(job.activations[layer - 1], <float*>net.z[layer - 1], <float*>h,
                         <float*>net.delta[layer - 1], n * i, <float>job.slopes[layer - 1])
            else:
                derive_d(job.activations[layer - 1], <double*>net.z[layer - 1], <double*>h,
                         <double*>net.delta[layer - 1], n * i, job.slopes[layer - 1])


cdef double _loss(real* tag, Job job, Net* net, Py_ssize_t first, Py_ssize_t n) noexcept nogil:
    cdef Py_ssize_t k = job.sizes[job.n_layers]
    cdef int last = job.n_layers - 1
    cdef const Py_ssize_t* classes = NULL
    cdef const real* targets = NULL
    if job.loss == SOFTMAX:
        classes = job.classes + first
    elif job.reconstruct:
        targets = <const real*>net.x
    else:
        targets = <const real*>job.targets + first * (k // job.levels)
    if real is float:
        return loss_f(job.loss, <float*>net.z[last], classes, targets, <float*>net.delta[last], n,
                      k, net.shares, job.loss_parameters, job.levels)
    else:
        return loss_d(job.loss, <double*>net.z[last], classes, targets, <double*>net.delta[last],
                      n, k, net.shares, job.loss_parameters, job.levels)


cdef double _collect(real* tag, Job job, step* s, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    # Adds the workers' gradients of parameters low to high, and the penalty of those.
    cdef real* w = <real*>job.params + low
    cdef real* g = <real*>job.nets[0].gradient + low
    if real is float:
        return collect_f(w, g, high - low, job.workers, job.n_parameters, s)
    else:
        return collect_d(w, g, high - low, job.workers, job.n_parameters, s)


cdef void _update(real* tag, Job job, step* s, Py_ssize_t low, Py_ssize_t high) noexcept nogil:
    cdef real* w = <real*>job.params + low
    cdef real* g = <real*>job.nets[0].gradient + low
    cdef real* u = <real*>job.slots[0] + low
    cdef real* v = <real*>job.slots[1] + low
    if real is float:
        update_f(job.rule, w, g, u, v, high - low, s)
    else:
        update_d(job.rule, w, g, u, v, high - low, s)


cdef double _step(real* tag, Job job, int worker, step* s) noexcept nogil:
    # A worker's part of the step; returns the penalty of its parameters. Weights come first, then
    # biases, which are neither penalised nor decayed.
    cdef Py_ssize_t P = job.n_parameters
    # A part begins at a cache line.
    cdef Py_ssize_t low = P * worker // job.workers // 16 * 16
    cdef Py_ssize_t high = P * (worker + 1) // job.workers // 16 * 16
    cdef Py_ssize_t begin, end, last
    cdef step plain = s[0]
    cdef step* used
    cdef double penalty = 0
    cdef bint whole = job.clip_norm < INFINITY  # the norm wants all of the gradient first
    cdef int turn
    plain.l1, plain.l2, plain.decay = 0, 0, 1
    if worker == job.workers - 1:
        high = P
    for turn in range(2 if whole else 1):
        begin = low
        while begin < high:
            used = s if begin < job.n_weights else &plain
            last = min(high, job.n_weights) if begin < job.n_weights else high
            end = min(begin + BLOCK, last)
            if turn == 0:
                penalty += _collect[real](NULL, job, used, begin, end)
            if turn == 1 or not whole:
                _update[real](NULL, job, used, begin, end)
            begin = end
        if whole and turn == 0:
            s.shrink = plain.shrink = _shrink[real](NULL, job, worker, low, high - low)
    return penalty


cdef double _sum(const double* values, int n) noexcept nogil:
    cdef double total = 0
    cdef int i
    for i in range(n):
        total += values[i]
    return total


cdef double _shrink(real* tag, Job job, int worker, Py_ssize_t low, Py_ssize_t n) noexcept nogil:
    # What shortens the gradient to clip_norm. A norm beyond the numbers is taken in a larger unit.
    cdef const real* g = <real*>job.nets[0].gradient + low
    cdef double unit = 1, norm
    cdef int i
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


cdef double _samples(Job job, Py_ssize_t begin, Py_ssize_t n) noexcept nogil:
    if job.weight == NULL:
        return n
    cdef double total = 0
    cdef Py_ssize_t i
    for i in range(n):
        total += job.weight[begin + i]
    return total


cdef void _size(Job job, step* s, double samples, double rate, Py_ssize_t t) noexcept nogil:
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


cdef void _train(real* tag, Job job, int worker) noexcept nogil:
    cdef Net* net = &job.nets[worker]
    cdef Py_ssize_t begin = job.begin, n, first, mine, i, steps = 0
    cdef double samples, loss
    cdef step s
    while begin < job.end:
        n = min(job.batch_size, job.end - begin)
        samples = _samples(job, begin, n)
        if samples == 0:  # nothing to learn from
            begin += n
            continue
        first = begin + n * worker // job.workers
        mine = begin + n * (worker + 1) // job.workers - first
        for i in range(mine):
            net.shares[i] = (1 if job.weight == NULL else job.weight[first + i]) / samples
        _gather[real](NULL, job, net.x, first, mine)
        _forward[real](NULL, job, net, mine)
        job.losses[worker] = _loss[real](NULL, job, net, first, mine)
        _backward[real](NULL, job, net, mine)
        meet(&job.place, job.workers)
        loss = _sum(job.losses, job.workers)
        _size(job, &s, samples, job.rates[steps], job.t + steps + 1)
        job.penalties[worker] = _step[real](NULL, job, worker, &s)
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
    if real is float:
        activate_f(code, &z[0], &out[0], z.shape[0], <float>slope)
    else:
        activate_d(code, &z[0], &out[0], z.shape[0], slope)


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


def take_step(Job job, real[::1] g, double rate, Py_ssize_t t, double samples):
    """Take a step with the gradient ``g``, to which the penalty's is added; return the penalty."""
    cdef step s, plain
    cdef Py_ssize_t W = job.n_weights
    cdef real* w = <real*>job.params
    cdef real* u = <real*>job.slots[0]
    cdef real* v = <real*>job.slots[1]
    cdef double penalty
    _size(job, &s, samples, rate, t)
    penalty = _penalize(w, &g[0], W, &s)
    if job.clip_norm < INFINITY:
        memcpy(job.nets[0].gradient, &g[0], g.nbytes)
        s.shrink = _shrink[real](NULL, job, 0, 0, g.shape[0])
    plain = s
    plain.decay = 1
    if real is float:
        update_f(job.rule, w, &g[0], u, v, W, &s)
        update_f(job.rule, w + W, &g[W], u + W, v + W, g.shape[0] - W, &plain)
    else:
        update_d(job.rule, w, &g[0], u, v, W, &s)
        update_d(job.rule, w + W, &g[W], u + W, v + W, g.shape[0] - W, &plain)
    return penalty


cdef double _penalize(const real* w, real* g, Py_ssize_t n, const step* s) noexcept nogil:
    if real is float:
        return collect_f(w, g, n, 1, 0, s)
    else:
        return collect_d(w, g, n, 1, 0, s)
