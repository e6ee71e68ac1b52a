/* Runs a list of matrix products again and again, with nothing between them. */

typedef void gemm(char *, char *, int *, int *, int *, float *, const float *, int *,
                  const float *, int *, float *, float *, int *);

struct product {
    char ta, tb;
    int m, n, k, lda, ldb, ldc;
    const float *A, *B;
    float *C;
};

void run(gemm *sgemm, struct product *products, long count, long times) {
    float one = 1, zero = 0;
    for (long t = 0; t < times; t++)
        for (struct product *p = products; p < products + count; p++)
            sgemm(&p->ta, &p->tb, &p->m, &p->n, &p->k, &one, p->A, &p->lda, p->B, &p->ldb, &zero,
                  p->C, &p->ldc);
}
