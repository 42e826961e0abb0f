package com.example.billing;

import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.inject.Inject;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.SecurityContext;
import java.util.List;

@Path("/invoices")
@RolesAllowed("customer")
public class Invoices {

    @Inject
    InvoiceDao dao;

    @GET
    public List<Invoice> list(@Context SecurityContext security) {
        return dao.findByCustomer(security.getUserPrincipal().getName());
    }

    @GET
    @Path("/{id}")
    public Invoice one(@PathParam("id") long id, @Context SecurityContext security) {
        Invoice invoice = dao.find(id);
        if (invoice == null) {
            throw new NotFoundException();
        }
        if (!invoice.getCustomer().equals(security.getUserPrincipal().getName())) {
            throw new ForbiddenException();
        }
        return invoice;
    }

    @DELETE
    @Path("/{id}")
    @RolesAllowed("accounting")
    public Response remove(@PathParam("id") long id) {
        dao.delete(id);
        return Response.noContent().build();
    }

    @GET
    @PermitAll
    @Path("/rates")
    public Rates rates() {
        return Rates.current();
    }
}
