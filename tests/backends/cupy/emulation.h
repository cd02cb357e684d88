// CUDA's words for an ordinary C++ compiler. The threads of a block are fibres that run one after the other, each
// until the next barrier: every other time in reverse, so that a missing barrier is noticed.

#include <math.h>
#include <ucontext.h>

#define __global__
#define __device__
#define __shared__ static
#define __forceinline__ inline
#define __launch_bounds__(threads)
#define __restrict__ __restrict

struct dimensions { unsigned x; };
static dimensions threadIdx, blockIdx, blockDim, gridDim;

enum { MOST = 256, STACK = 1 << 15 };
static ucontext_t scheduler, fibres[MOST];
alignas(16) static char stacks[MOST][STACK];
static bool finished[MOST];
static void (*running)(void**);
static void** given;

static void __syncthreads() { swapcontext(&fibres[threadIdx.x], &scheduler); }

static void fibre()
{
    running(given);
    finished[threadIdx.x] = true;
    swapcontext(&fibres[threadIdx.x], &scheduler);
}

// One block; false if some threads wait at a barrier that others never reach.
static bool run_block()
{
    const unsigned threads = blockDim.x;
    for (unsigned t = 0; t < threads; ++t) {
        finished[t] = false;
        getcontext(&fibres[t]);
        fibres[t].uc_stack.ss_sp = stacks[t];
        fibres[t].uc_stack.ss_size = STACK;
        fibres[t].uc_link = &scheduler;
        makecontext(&fibres[t], fibre, 0);
    }
    unsigned ended = 0;
    for (unsigned turn = 0; ended < threads; ++turn) {
        if (ended) return false;
        for (unsigned i = 0; i < threads; ++i) {
            threadIdx.x = turn % 2 ? threads - 1 - i : i;
            swapcontext(&scheduler, &fibres[threadIdx.x]);
            ended += finished[threadIdx.x];
        }
    }
    return true;
}

static bool run_grid(void (*kernel)(void**), unsigned blocks, unsigned threads, void** arguments)
{
    running = kernel;
    given = arguments;
    gridDim.x = blocks;
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        if (!run_block()) return false;
    return true;
}

// Calls a kernel as the driver does: with the addresses of its arguments.
template <int... I> struct places {};
template <int N, int... I> struct count : count<N - 1, N - 1, I...> {};
template <int... I> struct count<0, I...> { typedef places<I...> type; };
template <typename... A, int... I> static void apply(void (*kernel)(A...), void** arguments, places<I...>)
{
    kernel(*reinterpret_cast<A*>(arguments[I])...);
}
template <typename... A> static void apply(void (*kernel)(A...), void** arguments)
{
    apply(kernel, arguments, typename count<sizeof...(A)>::type());
}
